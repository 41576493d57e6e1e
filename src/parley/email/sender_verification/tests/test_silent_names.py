"""A name about which the DNS is silent costs its time once."""

from parley.email.sender_verification import silent_names
from parley.email.sender_verification.silent_names import ImpatientDns
from parley.kernel.network import dns as network_dns
from parley.kernel.network.dns import DnsResolver
from tests.dns_server import dns_server


async def test_a_silent_name_is_not_waited_for_again_and_its_neighbours_are_asked_about(monkeypatch):
    monkeypatch.setattr(network_dns, "LOOKUP_S", 0.2)
    monkeypatch.setattr(silent_names, "SILENT_AFTER_S", 0.1)
    async with dns_server() as server:
        server.silent = {"silent.example.com"}
        server.publish("example.com", "TXT", "v=spf1 -all")
        resolver = DnsResolver(server.address)
        for _ in range(3):
            assert (await ImpatientDns(resolver).texts("Silent.example.com")).problem
        n_asked = len(server.asked)
        assert (await ImpatientDns(resolver).texts("silent.example.com")).problem
        assert len(server.asked) == n_asked
        assert (await ImpatientDns(resolver).texts("example.com")).found == ["v=spf1 -all"]
        server.silent = set()
        monkeypatch.setattr(silent_names, "REMEMBERED_S", 0.0)
        assert (await ImpatientDns(DnsResolver(server.address)).texts("silent.example.com")).problem is None
