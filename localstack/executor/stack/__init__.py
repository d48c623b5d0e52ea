"""Starts the real stack on LocalStack, and deploys changed code to it.

    __main__    the commands: up, deploy, coldstart
    tools       the programs that it needs, and what to say when one is missing
    sockets     what processes listen on
    build       makes what is missing or older than its sources
    children    processes that end when this one does
    engines     LocalStack as a process, LocalStack in Docker
    site        cdk bootstrap, cdk deploy, the first token
    code        puts changed code into the functions of a running stack
    coldstart   how long a function takes from no process to its first answer
    state       what `deploy` and the acceptance suite know of a running stack
"""
