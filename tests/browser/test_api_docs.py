"""The API's documentation in a real browser: it works, and nothing of it is against the policy."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.house import House

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_every_operation_is_shown_and_can_be_tried_out(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/api/docs")
        expect(page.locator(".opblock").first).to_be_visible()
        told = page.evaluate("fetch('/api/openapi.json').then(answer => answer.json())")["paths"]
        expect(page.locator(".opblock")).to_have_count(sum(map(len, told.values())))

        page.locator("#operations-messages-get_messages .opblock-summary-control").click()
        operation = page.locator("#operations-messages-get_messages")
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()

        expect(operation.locator(".live-responses-table .response-col_status").nth(1)).to_have_text(
            re.compile("200")
        )


def test_a_command_is_tried_out_with_the_session(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/api/docs")
        operation = page.locator("#operations-mark-read-post_mark_read")
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
        operation.locator("textarea").fill('{"phone_number": "34600000000"}')
        # What is answered to it is an error of the console, too.
        ana.expected = ("404",)
        operation.get_by_role("button", name="Execute").click()

        answer = operation.locator(".live-responses-table")
        expect(answer).to_contain_text("conversation-not-found")


def test_the_page_of_a_problem_is_one_click_away(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/problems/")
        page.get_by_role("link", name="projection-behind").click()

        expect(page.get_by_role("heading", name="What to do")).to_be_visible()
