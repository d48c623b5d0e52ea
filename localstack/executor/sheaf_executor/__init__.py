"""A LocalStack Lambda executor that needs no Docker.

LocalStack asks a *runtime executor* for one execution environment at a time. Ours is one JVM that
runs AWS's own runtime interface client against a Lambda Runtime API on a loopback port:

    plugin      the entry point that LocalStack finds            (LAMBDA_RUNTIME_EXECUTOR=sheaf-jvm)
    executor    LocalStack's abstract class, told in terms of the next three
    environment one execution environment: starts, invokes, times out, restarts after a crash
    runtime_api the Lambda Runtime API for one JVM, over HTTP on loopback
    jvm         one process: its command line, environment, log file and end
    aot         the cache of parsed and linked classes that makes a cold start short
    __main__    starts LocalStack behind `gateway`
    gateway     who may use LocalStack: listens on loopback, checks Host, Origin and signature
    signature   AWS signatures, version 4
    settings    what it reads from the environment of LocalStack

Only `plugin`, `executor` and `gateway` import LocalStack, so the rest is tested without it.
"""
