# SPDX-License-Identifier: Apache-2.0
"""The pages in Chromium: without scripts, with the keyboard, with assistive technology in mind, on
small and dark screens, and against other sites."""
import os
import pathlib
import shutil

import pytest
from identity import new_person, quick_auth, web_client
from node_clients import node_directory, run_client


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What every scenario of clients/browser.mjs saw. Pictures stay in IRONWOOD_SHOTS_DIR."""
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    if not pathlib.Path(chromium).exists():
        pytest.skip("chromium is not installed (Debian package chromium)")
    directory = node_directory()
    scratch = tmp_path_factory.mktemp("browser")
    shots = pathlib.Path(os.environ.get("IRONWOOD_SHOTS_DIR", scratch / "shots"))
    shots.mkdir(parents=True, exist_ok=True)
    with quick_auth(scratch) as auth:
        person = new_person(auth, name="Bea Browser")
        result = run_client(directory, "browser.mjs", {
            "issuer": auth.url, "clientId": web_client(auth).id, "email": person.email,
            "password": person.password, "chromium": chromium, "shots": str(shots)}, timeout=400)
        assert not auth.log("internal_error")
    result["issuer"], result["person"], result["shots"] = auth.url, person, shots
    return result


@pytest.fixture
def scenario(seen, request):
    found = seen[request.param]
    assert "failed" not in found, found["failed"]
    return found


def of(name):
    return pytest.mark.parametrize("scenario", [name], indirect=True, ids=[name])


def check_landing(seen, parameters):
    assert set(parameters) == {"code", "state", "iss"}
    assert parameters["state"] == "from the browser" and parameters["iss"] == seen["issuer"]


@of("withoutScripts")
def test_signing_in_needs_no_scripts(seen, scenario):
    assert scenario["title"].startswith("Sign in")
    check_landing(seen, scenario["parameters"])


@of("keyboardOnly")
def test_signing_in_needs_no_mouse(seen, scenario):
    assert scenario["stops"] == ["email", "password", "button", "password"]
    assert scenario["outline"] == "solid", "one can see where one is"
    check_landing(seen, scenario["parameters"])


@of("labels")
def test_everything_has_a_name_for_assistive_technology(scenario):
    assert scenario["headings"] == ["Sign in"] and scenario["main"] == 1
    assert (scenario["email"], scenario["button"]) == (1, 1)
    assert scenario["password"] == "password"
    assert scenario["language"] == "en"
    assert min(scenario["heights"]) >= 43.9, "targets are large enough to hit"


@of("wrongPassword")
def test_a_wrong_password_is_announced_and_the_address_kept(seen, scenario):
    assert "password is wrong" in scenario["alert"]
    assert scenario["email"] == seen["person"].email and scenario["password"] == ""
    assert scenario["focus"] == "password", "the cursor is where the next try begins"
    assert scenario["invalid"] == "true"
    assert scenario["describedBy"] == scenario["alertId"]
    check_landing(seen, scenario["parameters"])


@of("wrongPassword")
def test_a_failed_try_shows_in_the_title(scenario):
    """The first thing a screen reader says about the page that came."""
    assert scenario["title"] == "Error: Sign in · Ironwood"


@of("consent")
def test_consent_is_asked_in_words(seen, scenario):
    assert "know who you are" in scenario["items"]
    assert "stay signed in on your behalf" in scenario["items"]
    assert scenario["refused"]["error"] == "access_denied"
    assert scenario["narrow"] is False
    check_landing(seen, scenario["allowed"])


@of("signOut")
def test_signing_out_ends_the_session(seen, scenario):
    check_landing(seen, scenario["before"])
    assert scenario["after"]["error"] == "login_required"


@of("otherSites")
def test_other_sites_can_neither_frame_nor_post_the_form(scenario):
    """Classes 18 and 19."""
    assert scenario["framed"] == 0
    assert scenario["posted"].startswith("This page has expired")
    assert scenario["names"] == ["ironwood_flow"], "nobody was signed in"


@of("cookies")
def test_scripts_cannot_read_the_cookies(scenario):
    assert scenario["readable"] == ""
    assert len(scenario["flags"]) == 2
    assert all(c["httpOnly"] and c["sameSite"] == "Lax" for c in scenario["flags"])


@of("pictures")
def test_the_page_fits_every_screen(seen, scenario):
    """WCAG 2.2 §1.4.10: 320 pixels without scrolling sideways."""
    assert not [name for name, look in scenario.items() if look["overflows"]]
    assert scenario["dark"]["ground"] != scenario["desktop"]["ground"]
    names = {path.stem for path in seen["shots"].glob("*.png")}
    assert names >= {f"sign-in-{name}" for name in scenario}
    assert names >= {"wrong-password", "consent", "error"}


def test_the_browser_has_nothing_to_complain_about(seen):
    """A blocked style or script would be a policy that does not fit its page."""
    expected = ("403", "400")  # the pages of a wrong password and of an unknown client
    assert not [problem for problem in seen["problems"]
                if not any(f"status of {code}" in problem for code in expected)]
