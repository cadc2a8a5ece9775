"""How long the report of a finished run takes to stand in an open tab, in a real browser.

    make run                                                                  # in one terminal, with a finished run
    python benchmarks/report_page.py --job 1 [--address http://localhost:8501]

The tab stands on the run's page, "See the report" is clicked, and the clock runs until the page has finished, its chart is
drawn and its last part, the details, is there. Target: under 3 s for an exam of 3,000 rows.
"""

import argparse
import shutil
import statistics
import time

from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu"]
IS_WHOLE = """() => !document.querySelector('[data-testid="stStatusWidget"]')
    && document.querySelector('.js-plotly-plot .main-svg')
    && [...document.querySelectorAll('summary')].some(one => one.innerText.includes('Details'))"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://localhost:8501")
    parser.add_argument("--job", type=int, required=True, help="a training job that has ended well")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        seconds = [opened_in(browser, args.address, args.job) for _round in range(args.rounds)]
        browser.close()
    told = ", ".join(f"{one:.2f}" for one in seconds)
    print(f"the whole report after {statistics.median(seconds):.2f} s (median of {told})")


def opened_in(browser: Browser, address: str, job_id: int) -> float:
    """Seconds from the click to the whole page, in a tab of its own."""
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{address}/runs?job={job_id}")
    button = page.get_by_role("button", name="See the report")
    button.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)  # until the run's page is at rest
    started = time.monotonic()
    button.click()
    page.wait_for_url("**/report?**", timeout=60_000)
    page.wait_for_function(IS_WHOLE, timeout=60_000)
    seconds = time.monotonic() - started
    context.close()
    return seconds


if __name__ == "__main__":
    main()
