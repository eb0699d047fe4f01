"""The files on admitted media: where they are mounted, and a process without rights that lists them."""
