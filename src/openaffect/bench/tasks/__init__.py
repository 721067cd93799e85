"""One benchmark a file: what is asked, how replies are read, how they are scored."""
