"""The whole desk on one machine: an embedded AWS, a door for letters in, a folder for letters out."""
