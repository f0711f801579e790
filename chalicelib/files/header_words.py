"""Lists what columns are called in the exports of CRMs, mail programs, events and ERPs, in a dozen languages."""

from __future__ import annotations

from collections.abc import Mapping

#: Field → names of its columns, best first, with commas between them. Accents, case, spaces, hyphens and words
#: such as "de" or "of" make no difference (see headers.py). English, German, French, Spanish, Portuguese,
#: Italian, Dutch, Polish, Swedish, Russian, Japanese, Chinese, Korean.
NAMES: Mapping[str, str] = {
    "first_name": """
        first name, given name, forename, fname, first, given, n given, christian name, Vorname, Rufname, prénom,
        prénoms, primer nombre, nombre de pila, nombres, primeiro nome, nome próprio, nome di battesimo,
        voornaam, roepnaam, imię, pierwsze imię, förnamn, tilltalsnamn, имя, 名, 名字
    """,
    "last_name": """
        last name, family name, surname, lname, last, family, n family, Nachname, Familienname, Zuname,
        nom de famille, apellidos, apellido, primer apellido, apellido paterno, sobrenome, apelido, último nome,
        cognome, achternaam, familienaam, nazwisko, efternamn, фамилия, 姓, 姓氏, 성
    """,
    "full_name": """
        full name, name, contact name, display name, person name, contact, contact person, fn,
        first and last name, name and surname, attendee, participant, Kontakt, Kontaktperson, Ansprechpartner,
        Ansprechpartnerin, Name und Vorname, Vor- und Nachname, Vorname und Nachname, Vorname Name, vollständiger Name,
        Teilnehmer, nom, nom complet, nom et prénom, prénom et nom, interlocuteur, nombre, nombre completo,
        nombre y apellidos, apellidos y nombre, contacto, persona de contacto, nome, nome completo, nome e cognome,
        cognome e nome, nome e sobrenome, contato, pessoa de contato, pessoa de contacto, contatto, referente, nominativo,
        naam, volledige naam, voor- en achternaam, contactpersoon, imię i nazwisko, nazwisko i imię, osoba kontaktowa,
        namn, fullständigt namn, för- och efternamn, kontaktperson, ФИО, контактное лицо,
        氏名, 名前, お名前, ご氏名, 担当者名, 姓名, 联系人, 联系人姓名, 聯絡人, 이름, 성명, 성함, 담당자
    """,
    "email": """
        email, email address, work email, business email, primary email, email 1 value, email id, contact email, mail,
        mail address, email work, email business, work email address, business email address,
        E-Mail-Adresse, Mailadresse, E-Mail geschäftlich, E-Mail dienstlich, geschäftliche E-Mail, courriel,
        adresse e-mail, adresse mail, adresse électronique, adresse de courriel, adresse courriel, mél,
        e-mail professionnel, correo, correo electrónico, dirección de correo electrónico, dirección de correo,
        dirección de email, correo de trabajo, correo profesional, endereço de e-mail, correio eletrónico,
        correio eletrônico, e-mail profissional, e-mail corporativo, posta elettronica, indirizzo e-mail,
        indirizzo mail, indirizzo di posta elettronica, mailadres, e-mailadres, e-mail zakelijk, zakelijk e-mailadres,
        adres e-mail, adres mailowy, poczta elektroniczna, adres poczty elektronicznej, e-postadress, e-post, mejl,
        smtp addr, smtp address, электронная почта, почта, эл почта, адрес электронной почты, емейл,
        メール, メールアドレス, eメール, eメールアドレス, 電子メール, 勤務先メールアドレス, 邮箱, 邮箱地址, 电子邮箱,
        电子邮件, 电子邮件地址, 邮件, 邮件地址, 工作邮箱, 電子郵件, 電子郵件地址, 電郵, 電子信箱, 信箱,
        이메일, 이메일 주소, 전자우편, 메일,
        personal email, private email, secondary email, email home, email other, alternate email,
        email 2 value, email 2 address, email 3 value, email 3 address, E-Mail privat, private E-Mail
    """,
    "phone": """
        phone, phone number, work phone, business phone, work direct phone, direct phone, direct phone number,
        direct dial, direct line, tel work, mobile phone, mobile phone number, mobile, mobile number, cell phone,
        cell phone number, cell, tel cell, tel mobile, phone mobile, phone cell, primary phone, contact phone, contact number, phone 1 value, telephone,
        telephone number, tel, tel no, telephone 1, telf1, telefon, Telefonnummer, Telefonnr, Tel Nr, Rufnummer,
        Durchwahl, Telefon geschäftlich, Mobiltelefon, Mobilnummer, Mobil, Mobilfunk, Handy, Handynummer,
        téléphone, numéro de téléphone, tél portable, téléphone portable, téléphone mobile, portable, mobile,
        tél mobile, ligne directe, teléfono, número de teléfono, teléfono móvil, móvil, celular, teléfono celular,
        número de móvil, teléfono de trabajo, telefone, número de telefone, telemóvel, número de telemóvel,
        telefone celular, telefone móvel, contacto telefónico, telefono, numero di telefono, cellulare,
        telefono cellulare, numero di cellulare, telefoonnummer, telefoon, mobiel, mobiele telefoon, mobiel nummer,
        numer telefonu, telefon komórkowy, komórka, numer komórkowy, telefonnummer, mobilnummer, mobil,
        телефон, номер телефона, мобильный телефон, мобильный, 電話, 電話番号, 携帯, 携帯電話, 携帯番号,
        携帯電話番号, 勤務先電話番号, 直通電話, 电话, 电话号码, 联系电话, 手机, 手机号, 手机号码, 手機, 手機號碼,
        電話號碼, 聯絡電話, 行動電話, 전화, 전화번호, 휴대폰, 휴대폰번호, 휴대전화, 연락처, 핸드폰,
        phone 2 value, home phone, home phone number, tel home, phone 3 value, other phone, Telefon privat
    """,
    "title": """
        job title, position, organization 1 title, organization title, job role, job position, work title,
        designation, occupation, Funktion, Berufsbezeichnung, Stellenbezeichnung, Stelle, Jobtitel, berufliche Position,
        poste, fonction, intitulé du poste, intitulé de poste, titre du poste, titre de poste, métier, profession,
        puesto, puesto de trabajo, cargo, título del puesto, título profesional, función, função, ruolo, mansione,
        qualifica, qualifica organizzazione, posizione, posizione lavorativa, titolo di lavoro, functie, functietitel,
        functieomschrijving, stanowisko, stanowisko pracy, befattning, yrkestitel, jobbtitel, roll, должность,
        役職, 役職名, 肩書, 肩書き, 職位, 職種, 职位, 职务, 职称, 岗位, 職稱, 職務, 직책, 직위, 직급, 직함,
        title, role, Titel, titre, título, titolo
    """,
    "company": """
        company, company name, organization 1 name, organization name, organization, organisation,
        organisation name, account name, employer, current company, org, firm, business name,
        Firma, Firmenname, Unternehmen, Unternehmensname, Arbeitgeber, Name der Firma, Accountname,
        société, entreprise, nom de l'entreprise, nom de la société, nom entreprise, raison sociale, employeur,
        empresa, nombre de la empresa, nombre de empresa, compañía, nombre de la compañía, organización, razón social,
        nome da empresa, organização, razão social, companhia, azienda, nome azienda, nome dell'azienda, società,
        organizzazione, nome organizzazione, ragione sociale, ditta, bedrijf, bedrijfsnaam, organisatie, naam bedrijf,
        werkgever, nazwa firmy, przedsiębiorstwo, organizacja, pracodawca, företag, företagsnamn, arbetsgivare,
        компания, организация, название компании, 会社, 会社名, 企業名, 御社名, 貴社名, 勤務先, 勤務先名, 所属,
        法人名, 公司, 公司名称, 公司名, 单位, 单位名称, 企业, 企业名称, 工作单位, 公司名稱, 單位, 任職公司,
        회사, 회사명, 기업명, 소속, 업체명, company name for emails
    """,
    "company_domain": """
        company domain, company domain name, domain, website url, company website, website, web page,
        company url, web site, homepage, web, website 1 value, Webseite, Internetseite, Internetadresse, Firmenwebsite,
        site web, site internet, sitio web, página web, site, sito web, sito, sito internet, webadres,
        strona internetowa, strona www, www, webbplats, webbsida, hemsida, сайт, веб сайт, ウェブサイト, ホームページ,
        サイト, 网站, 网址, 公司网站, 公司网址, 網站, 網址, 웹사이트, 홈페이지
    """,
    "linkedin_url": """
        linkedin url, linkedin, person linkedin url, linkedin profile, linkedin profile url, contact linkedin url,
        profile url, Profil LinkedIn, perfil de LinkedIn, profilo LinkedIn, 领英
    """,
    "city": """
        city, town, locality, location city, Stadt, Ort, Wohnort, Ortschaft, ort01, ville, commune, localité,
        ciudad, población, localidad, municipio, cidade, localidade, città, comune, località, stad, plaats, woonplaats,
        vestigingsplaats, miasto, miejscowość, postort, город, 市, 都市, 市区町村, 城市, 市区, 도시, 시
    """,
    "region": """
        region, state, state region, province, state province, state or province, county, province code, state code,
        Bundesland, Kanton, région, département, provincia, comunidad autónoma, estado, distrito, regione, provincie,
        województwo, län, регион, область, 都道府県, 県, 省, 省份, 州, 縣市, 지역, 시도
    """,
    "country": """
        country, country region, country or region, country code, nation, country name, land1,
        Land, Land Region, Staat, Länderkennzeichen, pays, pays région, país, país región, país o región, paese,
        nazione, paese area geografica, kraj, страна, 国, 国名, 国家, 国家地区, 國家, 국가, 나라
    """,
    "salutation": """
        salutation, form of address, courtesy title, honorific, honorific prefix, name prefix, mr ms, mr mrs, mr mrs ms,
        Anrede, Herr Frau, Frau Herr, civilité, titre de civilité, M Mme, tratamiento, Sr Sra, tratamento,
        forma de tratamento, pronome de tratamento, titolo di cortesia, appellativo, aanhef, aanspreektitel,
        zwrot grzecznościowy, обращение, 敬称, 称谓, 称呼, 稱謂, 호칭
    """,
}

#: Words beside the name that say whose value it is: "Person - Email - Work", "Attendee Name".
OF_PERSON = """
    person people contact contacts lead attendee participant delegate member visitor guest registrant candidate
    kontakt ansprechpartner teilnehmer besucher personne participant visiteur persona personas contacto asistente
    pessoa contato participante contatto partecipante persoon contactpersoon deelnemer bezoeker osoba uczestnik
    deltagare
"""
#: Words that say of which kind a value is. None of them goes with a name.
OF_KIND = """
    work business office home private personal main default primary mailing postal address adr other direct value
    professional billing secondary alternate first second
    geschäftlich dienstlich privat adresse postanschrift anschrift wert haupt
    travail bureau domicile personnel professionnel postale valeur principal principale
    trabajo personal oficina casa correspondencia dirección valor principal profesional
    trabalho endereço escritório pessoal celular lavoro ufficio indirizzo valore principale
    werk zakelijk privé adres waarde praca służbowy prywatny wartość arbete arbets adress värde
"""
#: Those of them that mean an address.
ADDRESSES = "address adr adresse anschrift postanschrift dirección correspondencia endereço indirizzo adres adress"
#: Words that make no difference.
SMALL = """
    a an the of for or and de du des d la le les l et del el los y o da do dos das e di della dell der die das von und
    van het een en i w na och och for your my
"""
#: Words of names whose values are somebody else's: content alone must not make such a column the contact's.
OF_OTHERS = """
    enriched owner manager assistant asst buyer creator created modified author sender from agent rep representative sales
    seller referrer referred supervisor emergency spouse parent guardian company corporate account organizer organiser
    host inviter invited recruiter approver billing invoice support bcc cc status unsubscribed bounced old previous
    inhaber besitzer kontaktinhaber bearbeiter betreuer vertreter erstellt geändert chef rechnung
    propriétaire créé modifié responsable facture vendedor propietario creado gerente jefe proprietário criado
    proprietario creato responsabile eigenaar beheerder właściciel opiekun ägare
    担当 作成者 更新者 上司 负责人 创建人 销售 業務
"""
#: What the line of totals below a list begins with.
TOTALS = """
    total totals grandtotal subtotal sum summe gesamt gesamtsumme insgesamt zwischensumme somme totalgeneral totalgénéral
    suma totale totali somma totaal razem łącznie ogółem totalt summa итого всего 合計 総計 小計 合计 总计 總計 합계 총계
"""
