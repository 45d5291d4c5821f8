# SPDX-License-Identifier: Apache-2.0
"""Registering an account: what is accepted, what is refused and how."""
import pytest
from harness import problem_of
from identity import Person, PASSWORD, audit_records, me, new_person, quick_auth


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("register")) as service:
        yield service


def register(service, **changed):
    body = {"email": "somebody@example.com", "password": PASSWORD, "name": "Somebody", **changed}
    return service.post_json("/api/v1/auth/register",
                             {name: value for name, value in body.items() if value is not None})


def test_a_new_account_is_answered_with_201_and_without_its_password(auth):
    status, headers, body = register(auth, email="new@example.com", name="Neu Ängström")
    assert status == 201
    assert headers["cache-control"] == "no-store"
    assert set(body) == {"id", "email", "name"}
    assert (body["email"], body["name"]) == ("new@example.com", "Neu Ängström")


def test_the_account_can_sign_in_and_has_no_roles(auth):
    person = new_person(auth)
    profile = me(auth, person.login()["access_token"])[2]
    assert profile["id"] == person.id
    assert (profile["groups"], profile["roles"]) == ([], [])
    assert profile["password_change_required"] is False


def test_registering_is_audited(auth):
    person = new_person(auth)
    records = [r for r in audit_records(auth, "user.register") if r.get("actor") == person.id]
    assert len(records) == 1
    assert records[0]["outcome"] == "success" and records[0]["request_id"]


@pytest.mark.parametrize("again", ["twice@example.com", "TWICE@Example.COM", "Twice@example.com"])
def test_an_address_has_one_account_whatever_its_letter_case(auth, again):
    register(auth, email="twice@example.com")
    answer = register(auth, email=again)
    assert problem_of(answer)["type"] == "urn:ironwood:problem:conflict"
    assert answer[0] == 409


def test_one_of_many_registrations_of_an_address_at_once_wins(auth):
    from identity import in_parallel
    answers = in_parallel(6, lambda i: register(auth, email="race@example.com", name=f"Racer {i}"))
    assert sorted(answer[0] for answer in answers) == [201, 409, 409, 409, 409, 409]


@pytest.mark.parametrize("password", [
    "short12",                  # seven characters
    "öäüöäüö",                  # seven characters, fourteen bytes
    "aaaaaaaaaaaa",             # one character repeated
    "careless@example.com",     # the address
    "careless",                 # its first half
    "CARELESS",
    "Careless Person",          # the name
    "x" * 64 + "y" * 65,        # 129 characters
])
def test_a_password_that_breaks_the_rules_is_refused_with_the_field_named(auth, password):
    answer = register(auth, email="careless@example.com", name="Careless Person",
                      password=password)
    problem = problem_of(answer)
    assert answer[0] == 400
    assert problem["type"] == "urn:ironwood:problem:invalid-field"
    assert "`password`" in problem["detail"]
    assert password not in problem["detail"]


@pytest.mark.parametrize("password", [
    "8 chars.", "x" * 64 + "y" * 64, "пароль-на-восемь", "🐎🔋🐎🔋🐎🔋🐎🔋",
    " leading and trailing ", "quotes\"and\\back'slashes", "line\nfeed inside",
])
def test_any_characters_make_a_password(auth, password):
    person = new_person(auth, password=password)
    assert person.try_login()[0] == 200
    assert person.try_login(password[:-1])[0] == 401
    assert person.try_login(password + "!")[0] in (400, 401)


@pytest.mark.parametrize("email", [
    "no-at-sign", "@example.com", "two@@example.com", "a@b@example.com", "dot.@example.com",
    ".dot@example.com", "do..uble@example.com", "spa ce@example.com", "tab\t@example.com",
    "nodomain@", "no-dot@localhost", "under_score@exa_mple.com", "hy-@-phen.com",
    "x@10.0.0.1", "<script>@example.com", "a\r\nBcc: b@example.com", "ü@example.com",
    "x" * 65 + "@example.com", "x@" + "d" * 64 + ".com", "x@" + ".".join(["d" * 60] * 5) + ".com",
    "",
])
def test_what_is_no_address_is_refused(auth, email):
    answer = register(auth, email=email)
    assert answer[0] == 400
    assert "`email`" in problem_of(answer)["detail"]


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "bell\a", "\u0085", "n" * 201])
def test_a_name_is_text_without_control_characters(auth, name):
    answer = register(auth, email="badname@example.com", name=name)
    assert answer[0] == 400
    assert "`name`" in problem_of(answer)["detail"]


@pytest.mark.parametrize("member", ["roles", "groups", "id", "is_admin", "password_hash", "status"])
def test_nobody_can_give_themselves_more_than_the_form_has(auth, member):
    """Class 43, mass assignment: members that the table does not name are refused, not stored."""
    answer = register(auth, email="mass@example.com", **{member: ["admin"]})
    assert answer[0] == 400
    assert f"`{member}`" in problem_of(answer)["detail"]


def test_registration_can_be_switched_off(tmp_path):
    with quick_auth(tmp_path, "--registration=false") as service:
        answer = Person(service).service.post_json("/api/v1/auth/register", {
            "email": "late@example.com", "password": PASSWORD, "name": "Late"})
        assert answer[0] == 403
        assert problem_of(answer)["type"] == "urn:ironwood:problem:forbidden"


def test_the_shortest_password_is_configurable(tmp_path):
    with quick_auth(tmp_path, "--password-length-min", "15") as service:
        assert register(service, password="fourteen chars")[0] == 400
        assert register(service, password="fifteen chars !")[0] == 201
