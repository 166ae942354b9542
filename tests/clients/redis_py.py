"""The session of the clients, with redis-py.

usage: redis_py.py ADDRESS PROTOCOL

ADDRESS is a port of 127.0.0.1 or the path of a unix socket; PROTOCOL is 2, 3 or
- for what the library does by itself.  Prints a line for each step: its name
and the type of what came back.  Exit status 77: this library cannot do that.
"""

import inspect
import sys

import redis


def shape(value):
    """The type of a value, and of what is in it."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(shape, value)) + "]"
    if isinstance(value, dict):
        pairs = sorted(f"{k!r}: {shape(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Exception):
        return type(value).__name__
    return "None" if value is None else type(value).__name__


def step(name, value):
    print(f"{name}\t{shape(value)}")


def options(address, protocol):
    if address.startswith("/"):
        kwargs = {"unix_socket_path": address}
    else:
        kwargs = {"port": int(address)}
    if protocol != "-":
        if "protocol" not in inspect.signature(redis.Redis).parameters:
            sys.exit(77)
        kwargs["protocol"] = int(protocol)
    return kwargs


def session(r):
    step("echo", r.echo("begin"))
    step("ping", r.ping())
    step("set", r.set("k", "v"))
    step("get", r.get("none"))
    step("incrby", r.incrby("n", 2))
    step("sismember", r.sismember("none", "m"))
    step("mget", r.mget("none", "nil"))
    step("lrange", r.lrange("none", 0, -1))
    step("hgetall", r.hgetall("none"))
    step("config get", r.config_get("save"))
    step("smembers", r.smembers("none"))
    step("zscore", r.zscore("none", "m"))
    step("zincrby", r.zincrby("z", 1.5, "m"))
    step("scan", list(r.scan_iter(match="none*")))
    step("blpop", r.blpop("none", timeout=0.1))
    step("info", r.info("server")["redis_version"])
    step("client setname", r.client_setname("tester"))
    step("client getname", r.client_getname())
    step("client id", r.client_id())
    step("client info", r.client_info()["name"])
    step("auth", r.execute_command("AUTH", "default", "secret"))
    step("select", r.execute_command("SELECT", 3))
    pipe = r.pipeline(transaction=False)
    step("pipeline", pipe.set("p", "v").get("none").incrby("m", 2).execute())
    pipe = r.pipeline()
    step("multi", pipe.set("t", "v").get("none").hgetall("none").execute())
    try:
        r.execute_command("NOSUCH", "a")
    except redis.ResponseError as error:
        step("error", error)
    step("echo", r.echo("end"))


def listen(r):
    listener = r.pubsub()
    listener.subscribe("ch1", "ch2")
    for _ in range(2):
        step("subscribe", listener.get_message(timeout=10))
    listener.unsubscribe("ch1", "ch2")
    for _ in range(2):
        step("unsubscribe", listener.get_message(timeout=10))
    listener.close()
    r.close()


def main():
    kwargs = options(*sys.argv[1:])
    print(f"redis-py {redis.__version__}", file=sys.stderr)
    r = redis.Redis(**kwargs)
    session(r)
    listen(redis.Redis(username="default", password="secret", db=2,
                       client_name="listener", **kwargs))
    r.close()


main()
