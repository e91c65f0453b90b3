"""Increments for releases through libtamis: into this machine's tally, or in batches to a responder elsewhere."""
from __future__ import annotations

import json
from typing import Dict, Mapping

from ._native import EINVALID, ELIMITED, Gateway, GatewayError
from .errors import EventError
from .transport import Budget, Visitor


def increment(gateway: Gateway, metric: str, dimensions: Mapping[str, str], visitor: Visitor) -> bool:
    """False: nothing more of this client counts, or it asks not to be tracked."""
    address, _, do_not_track = visitor
    try:
        return gateway.increment(metric, [f"{k}={v}" for k, v in dimensions.items()], address, do_not_track)
    except GatewayError as error:
        if error.number == ELIMITED:
            return False
        if error.number == EINVALID:
            raise EventError(str(error)) from None
        raise


def budget(gateway: Gateway, visitor: Visitor) -> Dict[str, Budget]:
    """By metric, what counts of the visitor's client today and may."""
    return {metric: Budget(**numbers) for metric, numbers in json.loads(gateway.budget(visitor[0])).items()}
