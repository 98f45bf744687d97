"""The shop between the petstore and somebody's webhook."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer
from shop import announce_sold

from understudy import Session


@pytest.mark.understudy("petstore", records=0)
@pytest.mark.parametrize("number", range(29))
def test_a_sold_pet_is_announced(understudy: Session, httpserver: HTTPServer, base_url: str, number: int) -> None:
    sold = understudy.add("petstore", "pets", name=f"Rex {number}", status="sold")
    understudy.add("petstore", "pets", name="Tom", status="available")
    message = {"name": f"Rex {number}", "see": f"https://shop.example/pets/{sold['id']}"}
    httpserver.expect_oneshot_request("/sold", method="POST", json=message).respond_with_data("")
    assert announce_sold(understudy.url(), httpserver.url_for("/sold"), base_url) == 1
    httpserver.check()
    understudy.assert_called("GET /pets", times=1, query={"status": "sold"})
    understudy.assert_no_verdicts()
