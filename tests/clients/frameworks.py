"""Frameworks of Python that live on Redis.

usage: frameworks.py NAME ADDRESS idle|work

ADDRESS is a port of 127.0.0.1 or the path of a unix socket.  idle: runs a
worker, and ends it after IDLE seconds.  work: has it do something, which needs
a real server, and prints what came of it.  Exit status 77: the framework is not
installed.
"""

import importlib
import os
import signal
import subprocess
import sys
import threading

IDLE = 2


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(name, "is not installed", file=sys.stderr)
        sys.exit(77)


def plus_one(n):
    return n + 1


def rq(where, idle):
    rq = load("rq")
    redis = load("redis")
    if where.startswith("/"):
        connection = redis.Redis(unix_socket_path=where)
    else:
        connection = redis.Redis(port=int(where))
    queue = rq.Queue(connection=connection)
    if idle:
        # As a person does: one Ctrl-C, and it ends by itself.
        stop = threading.Timer(
            IDLE, lambda: os.kill(os.getpid(), signal.SIGINT))
        stop.start()
        rq.Worker([queue], connection=connection).work()
        return
    job = queue.enqueue("frameworks.plus_one", 41)
    rq.SimpleWorker([queue], connection=connection).work(burst=True)
    print("result", job.result)


def celery_app(where):
    celery = load("celery")
    if where.startswith("/"):
        url = "redis+socket://" + where
    else:
        url = f"redis://127.0.0.1:{where}/0"
    app = celery.Celery("frameworks", broker=url, backend=url)
    app.task(plus_one, name="plus_one")
    return app


def celery(where, idle):
    app = celery_app(where)
    worker = subprocess.Popen(
        [sys.executable, "-B", __file__, "celery-worker", where],
        stderr=subprocess.PIPE, text=True)
    said = []
    for line in worker.stderr:
        said.append(line)
        if " ready." in line:
            break
    rest = threading.Thread(target=lambda: said.extend(worker.stderr))
    rest.start()
    if idle:
        try:
            worker.wait(IDLE)
        except subprocess.TimeoutExpired:
            pass
    else:
        print("result", app.tasks["plus_one"].delay(41).get(timeout=15))
    worker.terminate()
    worker.wait(15)
    rest.join()
    sys.stderr.writelines(said)
    if any("Traceback" in line or "ERROR" in line for line in said):
        sys.exit(1)


def celery_worker(where):
    celery_app(where).worker_main(
        ["worker", "--pool=solo", "--without-gossip", "--loglevel=INFO"])


def main():
    name, where = sys.argv[1:3]
    if name == "celery-worker":
        celery_worker(where)
        return
    {"rq": rq, "celery": celery}[name](where, sys.argv[3] == "idle")


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(__file__))
    main()
