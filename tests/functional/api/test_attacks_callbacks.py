"""Attacks by callback_url, to make the service ask where it should not: named as the attack reads."""

from __future__ import annotations

import json
import socket
from typing import Any

import boto3
import pytest

from chalicelib.callbacks.sending import Sender
from chalicelib.model.callback_urls import Target
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.option_parsing import parse_options
from tests.functional.jobs import LIST
from tests.receiver import Receiver

PUBLIC = "93.184.215.14"
HOST = Target(True, "hooks.example.org", 443, "/")


def refusal(url: Any) -> str:
    """What is said to whoever asks for such a callback."""
    with pytest.raises(InvalidRequestError) as refused:
        parse_options({"callback_url": url}, ())
    return str(refused.value)


def sent(url: Any) -> dict[str, Any]:
    return {"contacts": [{"email": "a@example.org"}], "callback_url": url}


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data/", "https://[::1]/", 1])
def test_starting_a_job_that_asks_inside(stack, url):
    answer = stack.post("/process", sent(url))
    assert (answer.status_code, answer.json_body["code"]) == (400, "invalid_request")
    assert answer.json_body["message"] == refusal(url)
    assert boto3.client("s3").list_objects_v2(Bucket="test-bucket")["KeyCount"] == 0


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "198.18.0.1"),
        *("192.0.0.192", "192.0.2.1", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    ],
)
def test_asking_an_address_that_is_not_on_the_internet(host):
    assert "not on the public internet" in refusal(f"https://{host}/")


@pytest.mark.parametrize(
    "host",
    [
        *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:8.8.8.8"),
        *("::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2002:a9fe:a9fe::", "2001::1", "2001:0:a9fe:a9fe::", "3fff::1"),
    ],
)
def test_asking_such_an_address_by_ipv6(host):
    assert "not on the public internet" in refusal(f"https://[{host}]/")


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "017700000001", "0x7f.0.0.1", "0177.0.0.1", "127.1"),
        *("127.0.0.01", "2852039166", "127.0.0.1.", "169.254.43518", "0", "0x", "256.1.1.1"),
        *("[::1%25eth0]", "[::1", "[]", "[127.0.0.1]", "①②⑦.0.0.1", "127。0。0。1"),
    ],
)
def test_writing_an_address_so_that_nobody_knows_it(host):
    refusal(f"https://{host}/")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "metadata", "a", "-a.example.org", "a..org"]
)
def test_naming_a_host_that_only_this_network_knows(host):
    refusal(f"https://{host}/")


@pytest.mark.parametrize(
    "scheme", ["http", "file", "ftp", "gopher", "dict", "javascript", "HTTP", "", "https+unix"]
)
def test_using_another_protocol(scheme):
    refusal(f"{scheme}://hooks.example.org/")
    refusal(f"{scheme}://hooks.example.org:8443/")


@pytest.mark.parametrize(
    "url",
    [
        *("https://user:secret@hooks.example.org/", "https://hooks.example.org@127.0.0.1/"),
        *("https://127.0.0.1#@hooks.example.org/", "https://hooks.example.org\\@127.0.0.1/"),
        *(
            "https://hooks.example.org\\.127.0.0.1/",
            "https:/127.0.0.1/",
            "https:127.0.0.1",
            "//a.b",
        ),
        *("https://127.0.0.1\t.example.org/", " https://hooks.example.org/", "https://"),
        *("https://hooks.example.org/\r\nHost: 127.0.0.1", "https://hooks.example.org/\0", ""),
        *(
            "https://hooks.example.org/a b",
            "https://hooks.example.org/ü",
            "https://h%2Eexample.org/",
        ),
        *("https://hooks.example.org/#part", "https://hooks.example.org:/x"),
    ],
)
def test_writing_a_url_that_two_programs_read_differently(url):
    refusal(url)


@pytest.mark.parametrize("port", ["22", "25", "53", "80", "0", "1023", "65536", "99999", "-1", "x"])
def test_asking_another_service_of_a_host(port):
    refusal(f"https://hooks.example.org:{port}/")


@pytest.mark.parametrize("url", [None, 1, True, [], {}, ["https://hooks.example.org/"]])
def test_sending_something_that_is_no_text(url):
    refusal(url)


def test_sending_a_url_of_a_megabyte(stack):
    longest = "https://hooks.example.org/".ljust(2_000, "a")
    assert "2,000 characters" in refusal(longest + "a")
    assert stack.post("/process", sent(longest)).status_code == 202


def test_learning_a_password_from_the_message():
    said = refusal("https://user:hunter2@hooks.example.org/?token=hunter2")
    assert "hunter2" not in said


# What a host turns out to be when the callback is sent


def local(receiver: Receiver) -> Target:
    return Target(False, "127.0.0.1", receiver.port, "/")


class Dns:
    """Answers with one list of addresses after the other, as ``socket.getaddrinfo`` does."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, _host: str, port: int, **_: Any) -> list[Any]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [(0, 0, 0, "", (address, port)) for address in answer]


class Network:
    """Connects to nothing, and remembers what it was to connect to."""

    def __init__(self) -> None:
        self.asked_for: list[tuple[str, int]] = []

    def __call__(self, address: tuple[str, int], _timeout: float) -> socket.socket:
        self.asked_for.append(address)
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    "addresses",
    [
        *(["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["0.0.0.0"], ["100.64.1.1"], ["::1"]),
        *(["fe80::1%1"], ["fd00:ec2::254"], ["::ffff:127.0.0.1"], ["64:ff9b::a9fe:a9fe"]),
        *(
            [PUBLIC, "127.0.0.1"],
            ["127.0.0.1", PUBLIC],
            [PUBLIC, "::1"],
            [PUBLIC] * 9 + ["10.0.0.1"],
        ),
    ],
)
def test_naming_a_host_whose_dns_leads_inside(addresses):
    network = Network()
    outcome = Sender(resolve=Dns(addresses), connect=network).post(HOST, b"{}", {})
    assert (outcome.status, outcome.is_final) == (0, True)
    assert "not on the public internet" in outcome.problem
    assert network.asked_for == []


def test_changing_the_answer_of_dns_between_check_and_connect():
    """The name is looked up once; the connection goes to the very address that was checked."""
    dns, network = Dns([PUBLIC], ["127.0.0.1"]), Network()
    Sender(resolve=dns, connect=network).post(HOST, b"{}", {})
    assert dns.asked == 1
    assert network.asked_for == [(PUBLIC, 443)]


def test_changing_the_answer_of_dns_between_two_tries():
    dns, network = Dns([PUBLIC], ["169.254.169.254"]), Network()
    sender = Sender(resolve=dns, connect=network)
    assert not sender.post(HOST, b"{}", {}).is_final
    assert sender.post(HOST, b"{}", {}).is_final
    assert network.asked_for == [(PUBLIC, 443)]


def test_naming_more_addresses_than_anybody_has_time_for():
    network = Network()
    many = [f"93.184.215.{n}" for n in range(1, 200)]
    Sender(resolve=Dns(many), connect=network).post(HOST, b"{}", {})
    assert len(network.asked_for) == 3


def test_asking_this_machine_where_it_is_a_function_on_aws():
    with Receiver() as receiver:
        assert "https://" in refusal(receiver.url)
        assert Sender().post(local(receiver), b"{}", {}).is_final
        assert receiver.received == []


@pytest.mark.parametrize("address", [PUBLIC, "10.0.0.1", "169.254.169.254"])
def test_asking_others_than_this_machine_from_the_local_stage_without_tls(address):
    network = Network()
    sender = Sender(loopback=True, resolve=Dns([address]), connect=network)
    assert sender.post(Target(False, "localhost", 8080, "/"), b"{}", {}).is_final
    assert network.asked_for == []


def test_making_the_log_tell_the_url_or_its_password(stack, monkeypatch, capsys):
    job_id = stack.post("/process", sent("https://a.invalid/p?t=hunter2")).json_body["id"]
    status = stack.run(job_id)
    monkeypatch.setattr(socket, "getaddrinfo", Dns(["127.0.0.1"]))
    assert stack.invoke("send_callback", {"job_id": job_id, "run": 0})["again"] is False
    captured = capsys.readouterr()
    status = stack.status(job_id)
    assert "callback_tried" in captured.err
    for told in (captured.out, captured.err, json.dumps(status["callback"])):
        assert "hunter2" not in told
        assert "a.invalid" not in told


def test_starting_a_job_with_two_receivers(stack):
    url = "https://hooks.example.org/"
    answer = stack.post(f"/process?callback_url={url}&callback_url={url}", LIST, "text/csv")
    assert answer.status_code == 400
