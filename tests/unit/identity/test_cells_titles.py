"""Cells of job titles as exports hold them, in five languages, and what they tell: level, department, or nothing."""

from __future__ import annotations

import pytest

from chalicelib.identity import title_words
from chalicelib.identity.titles import role_of

TITLES = """
CEO|c_suite|
Founder & CEO|founder|
Chief Executive Officer|c_suite|
CFO|c_suite|finance
Chief Financial Officer|c_suite|finance
Chief Technology Officer (CTO)|c_suite|engineering
Chief Marketing Officer|c_suite|marketing
Chief Information Security Officer|c_suite|it
Chief People Officer|c_suite|human_resources
Managing Director|c_suite|
President|c_suite|
Vice President|vp|
VP Sales|vp|sales
SVP, Marketing|vp|marketing
Senior Vice President of Engineering|vp|engineering
Assistant Vice President|vp|
Head of Sales|head|sales
Head of Product|head|product
Director of Finance|director|finance
Marketing Director|director|marketing
Senior Director, Human Resources|director|human_resources
Creative Director|director|design
Sales Manager|manager|sales
HR Manager|manager|human_resources
Engineering Manager|manager|engineering
Operations Manager|manager|operations
Team Lead Customer Support|manager|customer_service
Senior Software Engineer|senior|engineering
Lead Designer|senior|design
Procurement Lead||purchasing
Gestora de Contas||
Sr. Accountant|senior|finance
Junior Developer|entry|engineering
Marketing Assistant|entry|marketing
Marketing Intern|intern|marketing
Working Student IT|intern|it
Trainee|intern|
Owner|owner|
Co-Founder|founder|
Partner|partner|
Managing Partner|partner|
Account Manager||sales
Product Manager||product
Project Manager||
Product Owner||product
HR Business Partner||human_resources
Sales Engineer||sales
Sales Operations Analyst||sales
Software Engineer||engineering
Data Scientist||data
Network Engineer||it
Accountant||finance
General Counsel||legal
Buyer||purchasing
Nurse||medical
Teacher||education
Consultant||consulting
Receptionist||administration
Executive Assistant||administration
Assistant to the CEO||administration
Chief of Staff||
Head Chef||
Assistant Professor||education
Former CEO||
Ex-CEO||
Retired||
Student||
Looking for opportunities||
Sales and Marketing||
Making it happen||
Ninja||
Member||
Geschäftsführer|c_suite|
Geschäftsführerin|c_suite|
Geschäftsführender Gesellschafter|partner|
Vorstand|c_suite|
Inhaber|owner|
Gründerin|founder|
Leiter Vertrieb|head|sales
Leiterin Marketing|head|marketing
Vertriebsleiter|head|sales
Vertriebsleiter/in|head|sales
IT-Leiter|head|it
Leiter:in Einkauf|head|purchasing
Personalleiterin|head|human_resources
Teamleiter Buchhaltung|manager|finance
Softwareentwickler (m/w/d)||engineering
Senior Softwareentwicklerin|senior|engineering
Projektleiter||
Vertriebsmitarbeiter||sales
Steuerberater||finance
Rechtsanwältin||legal
Werkstudent Marketing|intern|marketing
Auszubildende|intern|
Assistentin der Geschäftsführung||administration
Geschäftsführer a.D.||
Oberarzt||medical
PDG|c_suite|
Président-directeur général|c_suite|
Directeur général|c_suite|
Directrice générale|c_suite|
Directeur commercial|director|sales
Directrice financière|director|finance
Directeur des ressources humaines|director|human_resources
Responsable marketing|manager|marketing
Responsable des achats|manager|purchasing
Chef de projet||
Chef de produit||product
Chef d'équipe|manager|
Chef de service|head|
Ingénieur||engineering
Comptable||finance
Avocate||legal
Stagiaire marketing|intern|marketing
Assistante de direction||administration
Fondatrice|founder|
Ancien directeur||
Director General|c_suite|
Directora de Marketing|director|marketing
Director Comercial|director|sales
Gerente de Ventas|manager|sales
Gerente General|manager|
Jefa de Compras|manager|purchasing
Jefe de Proyecto||
Coordinador de Recursos Humanos|manager|human_resources
Ingeniero de Software||engineering
Contador||finance
Abogado||legal
Socio Fundador|founder|
Propietaria|owner|
Becario|intern|
Asistente de Dirección||administration
Presidente|c_suite|
Diretor Financeiro|director|finance
Diretora de Marketing|director|marketing
Diretor-Geral|c_suite|
Gerente de Vendas|manager|sales
Gerente de Projetos||
Coordenadora de RH|manager|human_resources
Engenheiro de Software||engineering
Analista Sênior|senior|
Desenvolvedor Júnior|entry|engineering
Estagiário|intern|
Sócia|partner|
Advogada||legal
Assistente Administrativo|entry|administration
Vice-Presidente de Operações|vp|operations
"""


@pytest.mark.parametrize(
    ("title", "seniority", "department"), [line.split("|") for line in TITLES.strip().splitlines()]
)
def test_tells(title: str, seniority: str, department: str) -> None:
    assert role_of(title) == (seniority, department)


@pytest.mark.parametrize(
    "change", [str.upper, lambda title: f" {title} ", lambda title: f"{title}."]
)
def test_spelling_makes_no_difference(change) -> None:
    for title in ("Leiter Vertrieb", "Directrice financière", "Head of Sales"):
        assert role_of(change(title)) == role_of(title)


def test_a_description_is_no_title() -> None:
    assert role_of("Head of Sales " * 20) == ("", "")


def test_no_phrase_is_longer_than_is_looked_for() -> None:
    for text in [
        *title_words.LEVELS.values(),
        *title_words.DEPARTMENTS.values(),
        title_words.NO_MANAGERS,
    ]:
        assert all(len(phrase.replace("-", " ").split()) <= 4 for phrase in text.split(","))
