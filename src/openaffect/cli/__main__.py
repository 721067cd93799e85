"""``python -m openaffect.cli`` is ``openaffect``."""

from openaffect.cli import main

if __name__ == "__main__":
    main()
