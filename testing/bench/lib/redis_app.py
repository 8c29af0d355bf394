"""Redis as the benchmarks' application: small data of its own beside a volume of any size."""
import time

from lib.failure import Unmeasured

# What Redis itself loads at a start: the prototype's 40,000 keys, about 5 MB.
KEYS = 40_000
VALUE_BYTES = 100
MEBIBYTE = 1 << 20


def load_keys(cluster, node, port, keys=KEYS):
    """Gives Redis its data, and rewrites its log, so that loading it is what it is for an old database."""
    script = f"for i = 1, {keys} do redis.call('set', 'key' .. i, string.rep('x', {VALUE_BYTES})) end return 'loaded'"
    if cluster.redis(node, port, "eval", script, 0) != "loaded":
        raise Unmeasured("Redis did not take its keys")
    cluster.redis(node, port, "bgrewriteaof")
    deadline = time.monotonic() + 60
    while "aof_rewrite_in_progress:1" in (info := cluster.redis(node, port, "info", "persistence")) or (
            "aof_rewrite_scheduled:1" in info):
        if time.monotonic() > deadline:
            raise Unmeasured("Redis did not end the rewriting of its log")
        time.sleep(0.1)


def fill_volume(lab, node, container, size_bytes):
    """Fills the volume with files that Redis never reads, of random bytes, so that nothing compresses them away."""
    files = max(size_bytes // (64 * MEBIBYTE), 1)
    blocks = size_bytes // MEBIBYTE // files
    script = (f"busybox mkdir -p /data/filler && for i in $(busybox seq {files}); do "
              f"busybox dd if=/dev/urandom of=/data/filler/$i bs=1M count={blocks} 2>/dev/null || exit 1; done")
    lab.run(node, "docker", "exec", container, "busybox", "sh", "-c", script)
    lab.run(node, "sync")
