"""HAProxy and nginx on a node, as people use them to reach a service that runs on another one."""
import contextlib
import pathlib

HAPROXY = """defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
"""
NGINX = """daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes auto;
{modules}
events {{ worker_connections 4096; }}
stream {{
{servers}}}
"""
STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


def haproxy_config(ports):
    """`ports` maps ports of its own to HOST:PORT."""
    return HAPROXY + "".join(f"listen port{own}\n  bind *:{own}\n  server one {target}\n" for own, target in ports.items())


def nginx_config(ports, folder):
    servers = "".join(f"  server {{ listen {own}; proxy_pass {target}; }}\n" for own, target in ports.items())
    return NGINX.format(folder=folder, servers=servers, modules=f"load_module {STREAM_MODULE};")


@contextlib.contextmanager
def haproxy(lab, node, ports, folder):
    path = pathlib.Path(folder) / "haproxy.cfg"
    path.write_text(haproxy_config(ports), encoding="ascii")
    with lab.background(node, "haproxy", "-db", "-f", path) as server:
        yield server


@contextlib.contextmanager
def nginx(lab, node, ports, folder):
    path = pathlib.Path(folder) / "nginx.conf"
    path.write_text(nginx_config(ports, folder), encoding="ascii")
    with lab.background(node, "nginx", "-c", path, "-p", folder) as server:
        yield server
