"""Which addresses are public, and how strictly URLs are read."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.network.addresses import (
    CLOSED_V4,
    CLOSED_V6,
    OPEN_V6,
    AddressRefused,
    is_public,
    target_of,
)

V4 = st.integers(0, 2**32 - 1).map(IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(IPv6Address)
GLOBAL_V6 = st.integers(0, 2**125 - 1).map(lambda tail: IPv6Address((1 << 125) | tail))


@given(V4)
def test_an_ipv4_address_is_public_only_if_python_thinks_so_too(address):
    assert not is_public(address) or address.is_global
    assert not is_public(address) or not (address.is_private or address.is_multicast or address.is_reserved)


@given(st.one_of(V6, GLOBAL_V6))
def test_an_ipv6_address_is_public_only_if_python_thinks_so_too(address):
    assert not is_public(address) or address.is_global
    assert not is_public(address) or not (address.is_private or address.is_multicast or address.is_link_local)


@given(V4)
def test_an_ipv6_address_that_carries_an_ipv4_address_is_never_public(address):
    number = int(address)
    carriers = [
        IPv6Address(number),  # compatible
        IPv6Address((0xFFFF << 32) | number),  # mapped
        IPv6Address((0xFFFF << 48) | number),  # translated
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(int(IPv6Address("64:ff9b:1::")) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        IPv6Address((0x20010000 << 96) | (number << 64)),  # Teredo, its server
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo, its client
    ]
    assert not any(map(is_public, carriers))


@pytest.mark.parametrize("network", [*CLOSED_V4, *CLOSED_V6], ids=str)
def test_a_closed_network_is_closed_from_end_to_end(network):
    assert not is_public(network[0]) and not is_public(network[-1])


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
        "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:200::1", "2003::1",
    ],
)  # fmt: skip
def test_what_lies_beside_a_closed_network_is_public(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "100::1",
        "::ffff:8.8.8.8", "2001:db8::1", "2001:10::1", "3fff::1", "4000::1", "5f00::1", "169.254.169.254",
        "100.100.100.200", "168.63.129.16", "255.255.255.255", "0.0.0.0",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "", "http://", "http:///x", "http://:80/", "file:///etc/passwd", "gopher://x/", "http:/x", "x",
        "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0x7f.0.0.1/",
        "http://1.2.3/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://1.2.3.4./", "http://example.com./",
        "http://example.com。/", "http://example.com../", "http://.example.com/", "http://a..b/",
        "http://user@example.com/", "http://user:x@example.com/", "http://@example.com/",
        "http://example.com\\@127.0.0.1/", "http://example.com\t/", "http://exa\nmple.com/", " http://x.com/",
        "http://example.com:0/", "http://example.com:65536/", "http://example.com:x/", "http://example.com:-1/",
        "http://[::1/", "http://[::1]x/", "http://x[::1]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/",
        "http://[v1.x]/", "http://[127.0.0.1]/", "http://%31%32%37.0.0.1/", "http://exam ple.com/",
        "http://１２７.1/", "http://①②⑦.1/", "http://-a.com/", "http://a-.com/", "http://" + "a" * 64 + ".com/",
        "http://" + "a." * 130 + "com/", "http://example.com/" + "x" * 2000, "http://a*b.com/", "http://\x00/",
    ],
)  # fmt: skip
def test_what_two_programs_could_read_in_two_ways_is_refused(url):
    with pytest.raises(AddressRefused):
        target_of(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("http://Example.COM", "example.com", 80, "/"),
        ("HTTPS://example.com:8443/a?b=c#d", "example.com", 8443, "/a?b=c"),
        ("https://example.com:/", "example.com", 443, "/"),
        ("https://bücher.example/ä", "xn--bcher-kva.example", 443, "/ä"),
        ("http://8.8.8.8:81?x", "8.8.8.8", 81, "/?x"),
        ("http://[2606:4700::0:1111]/", "2606:4700::1111", 80, "/"),
        ("http://a_b.example/@x", "a_b.example", 80, "/@x"),
    ],
)
def test_a_plain_url_is_read(url, host, port, path):
    target = target_of(url)
    assert (target.host, target.port, target.path) == (host, port, path)


def test_full_width_digits_are_the_address_that_they_look_like():
    assert target_of("http://１２７.0.0.1/").literal == IPv4Address("127.0.0.1")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for url in (text, f"http://{text}", f"https://{text}/x"):
        try:
            target = target_of(url)
        except AddressRefused:
            continue
        assert target.host.isascii() and target.host == target.host.lower() and "@" not in target.host
        assert 0 < target.port < 65536


@given(V4)
def test_other_spellings_of_an_ipv4_address_are_refused(address):
    number = int(address)
    octets = str(address).split(".")
    spellings = [
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0x{int(one):02x}" for one in octets),
        ".".join(f"{int(one):04o}" for one in octets),
        f"{octets[0]}.{number & 0xFFFFFF}",
        f"{octets[0]}.{octets[1]}.{number & 0xFFFF}",
        f"{address}.",
    ]
    for spelling in spellings:
        with pytest.raises(AddressRefused):
            target_of(f"http://{spelling}/")
    assert target_of(f"http://{address}/").literal == address


def test_the_open_range_is_that_of_global_unicast():
    assert all(network[0] in OPEN_V6 and network[-1] in OPEN_V6 for network in CLOSED_V6)
