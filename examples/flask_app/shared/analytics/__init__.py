from tamis import *  # noqa: F401,F403 - what the application imports from shared.analytics
configure(beside=__file__)  # noqa: F405
