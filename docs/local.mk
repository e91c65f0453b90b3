# docs - for people.
EXTRA_DIST += %D%/umami-compatibility.md %D%/forwarding.md
