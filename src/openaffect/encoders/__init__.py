"""One encoder a file: bytes and arrays to what a person can be said to show, sound like or say."""
