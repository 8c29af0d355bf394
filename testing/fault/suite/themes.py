"""All cases that are told one by one."""
from suite import copies, engine, gates, old_pools, restored, routes, snapshots, space, special, storage, writers


def plan():
    return special.plan(gates, engine, writers, snapshots, space, routes, storage, restored, old_pools, copies)
