"""The page in a real browser, against the local stack: the whole way, and everything that goes wrong on it."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from local import LocalStack
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from chalicelib.aws.api_keys import ApiKeys
from chalicelib.aws.table import Table
from tests import signed
from tests.end_to_end.browser import (
    CHROMIUM,
    PHONE,
    findings,
    is_too_wide,
    launch,
    open_page,
    picture,
)
from tests.vendors.server import VendorServer

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="There is no Chromium (on Debian: sudo apt install chromium)."
)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "contacts.csv"
HEADER = ["Full Name", "Adresse e-mail", "Company", "Phone", "Score", "Remarks"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A service of its own, which has the key of one vendor; `tests/vendors/` plays it."""
    with VendorServer() as vendors:
        environ = vendors.environment()
        environ = {k: v for k, v in environ.items() if k.startswith("PDL_")}
        own = LocalStack(tmp_path_factory.mktemp("page"), environ)
        try:
            own.start()
            own.serve_routes()
            signed.use(own)
            yield own
        finally:
            own.stop()


@pytest.fixture
def link(stack: LocalStack) -> str:
    """As `make local` prints it."""
    return f"{stack.api_url}/#key={stack.api_key}"


def row(number: int) -> list[str]:
    """Every third has no e-mail, every fourth no phone."""
    department = number % 40
    return [
        f"Person Example{number}",
        f"person.{number}@dept{department}.example.org" if number % 3 else "",
        f"Dept {department} Ltd",
        f"+1 202 555 01{number % 100:02}" if number % 4 else "n/a",
        f"{number:05}",
        f"note {number}",
    ]


def rows(number: int) -> list[list[str]]:
    return [row(n) for n in range(number)]


def csv_file(path: Path, number: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows(number)])
    return path


def workbook(path: Path, given: list[list[str]]) -> Path:
    with xlsxwriter.Workbook(
        path, {"strings_to_urls": False, "strings_to_formulas": False}
    ) as book:
        sheet = book.add_worksheet("Leads")
        for at, cells in enumerate(given):
            sheet.write_row(at, 0, cells)
    return path


def choose(page: Page, file: Path) -> None:
    """Choose a file, and wait until the job could be started."""
    page.set_input_files("#file", file)
    expect(page.locator("#start")).to_be_enabled()


def start(page: Page) -> str:
    """Start the job: its id."""
    page.click("#start")
    page.wait_for_url(re.compile("#job=[0-9a-f]{32}$"))
    return page.url[-32:]


def to_end(page: Page, badge: str = "Done") -> None:
    expect(page.locator("#job-status")).to_have_text(badge)


def download(page: Page, to: Path) -> Path:
    with page.expect_download() as fetched:
        page.click("#download")
    fetched.value.save_as(to)
    return to


def test_the_whole_way_with_ten_thousand_rows(browser: Browser, link: str, tmp_path: Path) -> None:
    source = csv_file(tmp_path / "leads.csv", 10_000)
    with open_page(browser, link) as page:
        assert "key" not in page.url
        choose(page, source)
        expect(page.locator("#columns-sum")).to_contain_text("4 columns are used")
        page.get_by_label("Read “Remarks” as").select_option(label="Job title")
        expect(page.locator("#columns-sum")).to_contain_text("5 columns are used")
        country = page.get_by_label("Country of phone numbers without one")
        country.fill("9x")
        country.press("Tab")
        expect(page.locator("#columns-error")).to_contain_text("two-letter ISO 3166 code")
        expect(country).to_have_value("")
        country.fill("de")
        country.press("Tab")
        expect(page.locator("#start")).to_contain_text("10,000 rows")
        with page.expect_request(lambda request: request.url.endswith("/process")) as sent:
            job = start(page)
        assert sent.value.post_data_json["default_country"] == "DE"
        expect(page.locator("#percent")).to_contain_text(re.compile("[1-9]"))
        picture(page, "under-way")
        to_end(page)
        expect(page.locator("#row-counts")).to_contain_text("partly filled")
        fill = page.get_by_role("row", name="E-mail", exact=False).first
        expect(fill).to_contain_text("66 % → ")
        expect(page.locator("#read-as")).to_contain_text("Job title ← “Remarks”")
        got = download(page, tmp_path / "enriched.csv")
        page.click("#back")
        expect(page.locator("#jobs li").first).to_contain_text("leads.csv")
        page.locator("#jobs").get_by_role("button", name="Delete leads.csv").first.click()
        page.get_by_role("button", name="Yes, delete it").click()
        expect(page.locator("#jobs-title")).to_be_focused()
        expect(page.locator(f"a[href='#job={job}']")).to_have_count(0)
    with got.open(newline="", encoding="utf-8-sig") as file:
        header, *lines = csv.reader(file)
    assert header[: len(HEADER)] == HEADER
    assert "enriched_email" in header
    assert [line[: len(HEADER)] for line in lines] == rows(10_000)
    assert lines[5][header.index("enriched_title")] == "note 5"


def test_a_workbook_comes_back_as_a_workbook(browser: Browser, link: str, tmp_path: Path) -> None:
    with EXAMPLE.open(newline="", encoding="utf-8") as file:
        given = list(csv.reader(file))
    source = workbook(tmp_path / "contacts.xlsx", given)
    look = {"viewport": {"width": 960, "height": 1180}, "reduced_motion": "reduce"}
    with open_page(browser, link, **look) as page:
        choose(page, source)
        expect(page.locator("#file-facts")).to_contain_text("Leads")
        page.locator("#list-title").scroll_into_view_if_needed()
        picture(page, "page", whole=False)
        start(page)
        to_end(page)
        picture(page, "result", whole=False)
        got = download(page, tmp_path / "enriched.xlsx")
    sheet = python_calamine.CalamineWorkbook.from_path(str(got)).get_sheet_by_name("Contacts")
    width = len(given[0])
    lines = sheet.to_python()
    assert len(lines) == len(given)
    for line, cells in zip(lines, given, strict=True):
        assert line[:width] == cells or len(cells) != width  # ragged ones are for other tests


def test_a_paid_provider_comes_first_and_spends_no_more_than_the_cap(
    browser: Browser, link: str, tmp_path: Path
) -> None:
    with open_page(browser, link) as page:
        choose(page, csv_file(tmp_path / "leads.csv", 50))
        expect(page.locator("#estimate")).to_contain_text("It costs nothing.")
        expect(page.locator("#cap")).to_be_hidden()
        page.get_by_role("checkbox", name="People Data Labs").check()
        earlier = page.get_by_role("button", name="Ask People Data Labs earlier")
        while earlier.count():  # none at the first place
            earlier.click()
        page.get_by_text("Fields to fill").click()
        page.get_by_role("button", name="Only the main ones").click()
        expect(page.locator("#start")).to_contain_text("at most")
        page.get_by_label("Spend at most (credits)").fill("-1")
        expect(page.locator("#order-error")).to_contain_text("must be a number")
        page.get_by_label("Spend at most (credits)").fill("3")
        expect(page.locator("#start")).to_have_text("Start · 50 rows · at most 3 credits")
        with page.expect_request(lambda request: request.url.endswith("/process")) as sent:
            start(page)
        order = sent.value.post_data_json
        assert order["providers"] == ["pdl", "offline"]
        assert order["max_credits"] == 3
        assert order["fields"] == ["email", "phone", "title", "company", "linkedin_url"]
        to_end(page)
        expect(page.locator("#uses tr").first).to_contain_text("People Data Labs")
        expect(page.locator("#job-line")).to_contain_text(re.compile(r"[1-3] credits? spent"))


def test_a_dropped_file_that_a_request_would_not_take(
    browser: Browser, link: str, tmp_path: Path
) -> None:
    source = tmp_path / "large.csv"
    line = ",".join(("Ada Example", "ada@example.org", "x" * 5_000))
    source.write_text("\n".join(["name,email,notes", *[line] * 1_200]), "utf-8")
    assert source.stat().st_size > 5_000_000
    with open_page(browser, link) as page:
        given = page.evaluate_handle("new DataTransfer()")
        text = source.read_text("utf-8")
        given.evaluate("(given, text) => given.items.add(new File([text], 'large.csv'))", text)
        page.dispatch_event("#drop", "drop", {"dataTransfer": given})
        expect(page.locator("#start")).to_contain_text("1,200 rows")


def test_a_wrong_key_and_then_the_right_one(browser: Browser, stack: LocalStack) -> None:
    with open_page(browser, f"{stack.api_url}/#key=ce_wrong") as page:
        expect(page.locator("#key-error")).to_contain_text("The API key is not valid. Check that")
        assert "wrong" not in page.url
        page.locator("#key").fill(stack.api_key)
        page.keyboard.press("Enter")
        expect(page.locator("#jobs-title")).to_be_visible()
        page.reload()
        expect(page.locator("#jobs-title")).to_be_visible()
        page.click("#forget")
        page.reload()
        expect(page.locator("#key")).to_be_focused()
        assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_key_that_may_only_read(browser: Browser, stack: LocalStack, tmp_path: Path) -> None:
    access = Table(stack.client("dynamodb"), stack.variables["ACCESS_TABLE_NAME"])
    key = ApiKeys(access).create("reader", "", frozenset({"jobs:read"}), time.time())
    with open_page(browser, f"{stack.api_url}/#key={key}") as page:
        page.set_input_files("#file", csv_file(tmp_path / "leads.csv", 3))
        expect(page.locator("#list-error")).to_contain_text('it lacks the scope "jobs:write"')
        expect(page.get_by_label("Choose a file")).to_be_attached()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(500), "picture.csv” cannot be used: "),
        ("empty.csv", b"", "empty.csv” is empty."),
        ("broken.xlsx", b"PK\x03\x04" + bytes(500), "broken.xlsx” cannot be used: "),
    ],
)
def test_a_hopeless_file(
    browser: Browser, link: str, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with open_page(browser, link) as page:
        page.set_input_files("#file", tmp_path / name)
        expect(page.locator("#list-error")).to_contain_text(why)
        choose(page, csv_file(tmp_path / "good.csv", 3))
        expect(page.locator("#list-error")).to_be_hidden()


def test_columns_that_nobody_understands_can_be_named(
    browser: Browser, link: str, tmp_path: Path
) -> None:
    """What a list holds is text, also where it looks like HTML."""
    source = tmp_path / "strange.csv"
    source.write_text("<img src=x onerror=alert(1)>,Zeug\nAda Example,<b>x</b>\n", "utf-8")
    with open_page(browser, link) as page:
        page.set_input_files("#file", source)
        expect(page.locator("#order-error")).to_contain_text("No column of the list is understood")
        expect(page.locator("#start")).to_be_disabled()
        expect(page.locator("#columns-rows th").first).to_have_text("<img src=x onerror=alert(1)>")
        page.get_by_label("Read “<img").select_option(label="Full name")
        expect(page.locator("#sample td").first).to_contain_text("Ada Example")
        expect(page.locator("#start")).to_be_enabled()


def test_a_reload_and_a_cancellation_in_the_middle_of_a_job(
    browser: Browser, link: str, tmp_path: Path
) -> None:
    with open_page(browser, link) as page:
        choose(page, csv_file(tmp_path / "long.csv", 15_000))
        job = start(page)
        expect(page.locator("#cancel")).to_be_visible()
        page.reload()
        expect(page.locator("#job-title")).to_have_text("long.csv")
        assert page.url.endswith(f"#job={job}")
        page.click("#cancel")
        page.get_by_role("button", name="No, keep it").click()
        page.click("#cancel")
        picture(page, "cancel")
        page.get_by_role("button", name="Yes, cancel it").click()
        to_end(page, "Cancelled")
        expect(page.locator("#row-counts")).to_contain_text("not tried")
        expect(page.locator("#download")).to_be_visible()
        page.click("#delete")
        page.get_by_role("button", name="Yes, delete it").click()
        expect(page.locator("#jobs-title")).to_be_visible()
        expect(page.locator(f"a[href='#job={job}']")).to_have_count(0)
        page.evaluate(f"location.hash = 'job={job}'")
        expect(page.locator("#job-error")).to_contain_text("There is no such job any more")


def test_no_network_for_a_while(browser: Browser, link: str, tmp_path: Path) -> None:
    with open_page(browser, link) as page:
        choose(page, csv_file(tmp_path / "leads.csv", 2_000))
        page.context.set_offline(True)
        page.click("#start")
        expect(page.locator("#order-error")).to_contain_text("The service cannot be reached. Check")
        page.context.set_offline(False)
        start(page)
        page.context.set_offline(True)
        expect(page.locator("#job-error")).to_contain_text("The job goes on all the same")
        page.context.set_offline(False)
        to_end(page)
        expect(page.locator("#job-error")).to_be_hidden()


def test_a_network_that_does_not_reach_the_bucket(
    browser: Browser, stack: LocalStack, link: str, tmp_path: Path
) -> None:
    with open_page(browser, link) as page:
        page.route(f"{stack.aws_url}/**", lambda route: route.abort())
        page.set_input_files("#file", csv_file(tmp_path / "leads.csv", 5))
        host = stack.aws_url.removeprefix("http://")
        expect(page.locator("#list-error")).to_contain_text(f"could not be sent to {host}")
        page.unroute_all()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#start")).to_be_enabled()


def test_a_busy_service_is_asked_again_when_it_says(
    browser: Browser, link: str, tmp_path: Path
) -> None:
    """API Gateway throttles a stage by itself, which the emulator's does not."""
    asked: list[float] = []
    body = '{"code": "too_many_requests", "message": "The API gets too many requests."}'

    def throttle(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "3"}, body=body)

    with open_page(browser, link) as page:
        choose(page, csv_file(tmp_path / "leads.csv", 5))
        page.route("**/status/*", throttle)
        start(page)
        expect(page.locator("#job-error")).to_contain_text("the next try is in 3 seconds")
        to_end(page)
    assert asked[1] - asked[0] >= 3


def test_a_second_try_starts_no_second_job(
    browser: Browser, stack: LocalStack, link: str, tmp_path: Path
) -> None:
    def known() -> set[str]:
        answer = signed.get(f"{stack.api_url}/jobs?limit=100", timeout=60)
        return {job["id"] for job in answer.json()["jobs"]}

    before = known()
    with open_page(browser, link) as page:
        choose(page, csv_file(tmp_path / "leads.csv", 5))
        lost = [lambda route: (route.fetch(), route.abort())]
        page.route("**/process", lambda route: lost.pop()(route) if lost else route.continue_())
        page.click("#start")  # the job starts, and its answer is lost
        expect(page.locator("#order-error")).to_be_visible()
        page.dblclick("#start")
        page.wait_for_url(re.compile("#job="))
        assert known() - before == {page.url[-32:]}


def test_from_start_to_end_with_the_keyboard_alone(
    browser: Browser, link: str, tmp_path: Path
) -> None:
    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not come to {selector}")

    with open_page(browser, link) as page:
        source = csv_file(tmp_path / "leads.csv", 5)
        page.on("filechooser", lambda chooser: chooser.set_files(source))
        tab_to("#file")
        page.keyboard.press("Enter")
        expect(page.locator("#start")).to_be_enabled()
        tab_to("#start")
        page.keyboard.press("Enter")
        expect(page.locator("#job-title")).to_be_focused()
        to_end(page)
        tab_to("#delete")
        page.keyboard.press("Enter")
        expect(page.locator("#ask-no")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#ask")).to_be_hidden()
        to_end(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(
    browser: Browser, stack: LocalStack, tmp_path: Path, scheme: str, size: str
) -> None:
    look = {"color_scheme": scheme, "reduced_motion": "reduce"}
    if size == "phone":
        look |= {"viewport": PHONE, "is_mobile": True, "has_touch": True}

    def check(page: Page, name: str) -> None:
        picture(page, f"{name}-{size}-{scheme}")
        assert findings(page) == []
        assert not is_too_wide(page)

    with open_page(browser, stack.api_url, **look) as page:
        check(page, "key")
        page.locator("#key").fill(stack.api_key)
        page.click("#key-use")
        expect(page.locator("#jobs-title")).to_be_visible()
        check(page, "start")
        choose(page, csv_file(tmp_path / "leads.csv", 400))
        for part in page.locator("details:visible").all():
            part.evaluate("part => part.open = true")
        check(page, "list")
        start(page)
        to_end(page)
        page.locator("#read-part").evaluate("part => part.open = true")
        check(page, "result")
        page.click("#delete")
        check(page, "ask")


@pytest.mark.parametrize("end", ["", "/"])
def test_by_way_of_api_gateway(
    browser: Browser, stack: LocalStack, tmp_path: Path, end: str
) -> None:
    """A stage's URL may or may not end with a slash; relative addresses would differ."""
    url = f"{stack.gateway_url.rstrip('/')}{end}#key={stack.api_key}"
    with open_page(browser, url) as page:
        choose(page, csv_file(tmp_path / "leads.csv", 5))
        start(page)
        to_end(page)
