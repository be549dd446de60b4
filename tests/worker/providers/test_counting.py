"""Requests to a provider are counted by what came of them, over a real socket."""

from collections.abc import Iterator

import pytest
from redis import Redis

from shared import metrics
from shared.kinds import MediaType
from tests.installation import free_port
from tests.tvmaze_stand_in import TvmazeStandIn
from worker.providers.base import ProviderError, Wanted
from worker.providers.budget import Budget
from worker.providers.json_client import new_session
from worker.providers.tvmaze import TvmazeProvider


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> Iterator[None]:
    metrics._here.forget()  # noqa: SLF001 - what earlier tests of this process counted is not of this one
    yield
    metrics._here.forget()  # noqa: SLF001


def asked(redis: Redis, url: str, timeout: float = 10.0) -> None:
    budget = Budget(redis, "tvmaze", 0)
    provider = TvmazeProvider(base_url=url, budget=budget, session=new_session(1), timeout=(3.05, timeout))
    provider.fetch(Wanted(MediaType.TV_SHOW, "The Quiet Harbour", 2011), brief=True)


def test_each_request_is_counted_with_its_status_or_what_kept_it_from_one(redis: Redis) -> None:
    with TvmazeStandIn() as tvmaze:
        tvmaze.add_show(82, "The Quiet Harbour", 2011, {1: 3})
        asked(redis, tvmaze.url)
        tvmaze.fail_next(503)
        with pytest.raises(ProviderError):
            asked(redis, tvmaze.url)
        tvmaze.latency = 0.5
        with pytest.raises(ProviderError):
            asked(redis, tvmaze.url, timeout=0.05)
    with pytest.raises(ProviderError):
        asked(redis, f"http://127.0.0.1:{free_port()}")
    metrics.tell(redis)

    observed = metrics.observed(redis)
    outcomes = {outcome for provider, outcome in observed[metrics.provider_requests] if provider == "tvmaze"}
    requests = sum(sum(each.within) for each in observed[metrics.provider_requests].values())
    waits = observed[metrics.budget_waits]["tvmaze",]
    assert outcomes == {"200", "503", "timeout", "unreachable"}
    assert sum(waits.within) == requests
