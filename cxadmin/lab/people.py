"""Invented people: the same seed and number are the same person on every machine."""

import hashlib
import unicodedata
from dataclasses import dataclass

FIRST_WORDS = (
    "Ada Adrián Aiko Akira Alba Amara Amélie Ana Anders Anika Arjun Astrid Beatriz Ben Bianca Björn Carlos Carmen Chiara "
    "Claire Dana Daniel Daichi Diego Elena Eli Emil Emma Esra Eva Fatima Felix Finn Francesca Freya Gabriel Grace Hana "
    "Hannah Haruto Hugo Ida Imani Ines Isaac Ivy Jamal Jana Jin Jonas José Julia Kai Karim Kenji Klara Lars Leila Leo Lina "
    "Louis Lucía Luna Maja Malik Marco Maria Matteo Maya Mei Mila Mira Naomi Nia Nico Nina Noah Nora Oliver Omar Oscar "
    "Paula Priya Quinn Rafael Ravi Renata Rosa Ruth Ryo Samir Sara Sofia Stefan Tara Theo Tomás Uma Vera Victor Yara Yuki "
    "Zara Zoë"
)
LAST_WORDS = (
    "Abe Adams Aguilar Ahmed Almeida Andersson Archer Bailey Baker Bauer Becker Bennett Berg Bianchi Brandt Brooks Carter "
    "Castro Chen Clarke Conti Costa Cruz Dahl Diaz Dubois Eriksson Fernández Fischer Flores Foster Fujita García Gomez "
    "Grant Green Haas Hansen Hayashi Hernández Hill Hoffmann Hughes Ibrahim Inoue Ito Jansen Jones Kato Keller Khan Kim "
    "Klein Kobayashi Koch Kumar Lang Larsen Laurent Lee Lehmann Lind Lopez Lund Martin Mehta Mendes Meyer Mori Moreau "
    "Morgan Müller Murphy Nakamura Neumann Nguyen Nielsen Novak Okafor Olsen Ortiz Park Patel Pereira Petersen Price "
    "Ramos Reed Reyes Ricci Rivera Rossi Roux Saito Sánchez Sato Schmidt Schulz Silva Singh Suzuki Tanaka Torres Turner "
    "Vargas Vogel Wagner Walker Wang Weber Wilson Wolf Wong Wood Yamada Yilmaz Young Zhang Zimmermann"
)
FIRST_NAMES, LAST_NAMES = FIRST_WORDS.split(), LAST_WORDS.split()


@dataclass(frozen=True, slots=True)
class Person:
    """Who is invented: names as people write them, and a mailbox name that no other person of the seed has."""

    first_name: str
    last_name: str
    mailbox: str


def person(seed: int, number: int) -> Person:
    """The person of this number; numbers start at 1."""
    chance = int.from_bytes(hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest())
    chance, first = divmod(chance, len(FIRST_NAMES))
    last = chance % len(LAST_NAMES)
    return Person(FIRST_NAMES[first], LAST_NAMES[last], f"{FIRST_MAILBOXES[first]}.{LAST_MAILBOXES[last]}.{number}")


def _mailbox(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain if letter.isascii()).lower()


FIRST_MAILBOXES = tuple(_mailbox(name) for name in FIRST_NAMES)
LAST_MAILBOXES = tuple(_mailbox(name) for name in LAST_NAMES)
