"""python -m sheaf_executor: LocalStack behind our gateway, in place of python -m localstack.runtime.main."""

import secrets

from sheaf_executor import gateway
from sheaf_executor.settings import Credentials


def main() -> None:
    credentials = Credentials.read()
    gateway.draw_internal_secret(secrets.token_urlsafe(30))
    gateway.close(credentials)
    from localstack.runtime.main import main as run

    run()


if __name__ == "__main__":
    main()
