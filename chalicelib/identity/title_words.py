"""Lists the words of job titles that tell a level or a department, in five languages."""

from __future__ import annotations

from collections.abc import Mapping

#: Levels, the highest first. Where a title has several, the first of these counts.
#: Level → words and phrases of at most four words, in small letters without accents; "*": the rest of a word.
LEVELS: Mapping[str, str] = {
    "owner": """
        owner, co-owner, business owner, proprietor, inhaber*, eigentumer*, proprietaire, duena, dueno, propietario,
        propietaria, proprietario, proprietaria, dono, dona da empresa
    """,
    "founder": """
        founder, cofounder, co-founder, founding partner, grunder, grunderin, mitgrunder, mitgrunderin,
        firmengrunder, fondateur, fondatrice, cofondateur, cofondatrice, co-fondateur, co-fondatrice, fundador,
        fundadora, cofundador, cofundadora, co-fundador, co-fundadora, socio fundador
    """,
    "c_suite": """
        ceo, cfo, cto, coo, cmo, cio, ciso, chro, cro, cpo, cdo, cco, cso, clo, president, chairman, chairwoman, chairperson, managing director, geschaftsfuhrer*, vorstand*, vorsitzende*,
        hauptgeschaftsfuhrer*, pdg, president directeur general, presidente, presidenta, directeur general,
        directrice generale, dg, director general, directora general, diretor geral, diretora geral, diretor-geral,
        consejero delegado, consejera delegada, diretor presidente, diretor-presidente, diretora presidente,
        daf, drh, dsi
    """,
    "partner": """
        managing partner, senior partner, equity partner, general partner, associe gerant, associee gerante,
        geschaftsfuhrender gesellschafter, socio director, socia directora, socio gerente
    """,
    "vp": """
        vp, svp, evp, avp, vice president, vice-president, vizeprasident*, vice-presidente, vice presidente,
        vicepresidente, vicepresidenta, vice-presidente, vice-president, vicepresident
    """,
    "head": """
        head of, global head, group head, regional head, department head, leiter*, leiterin, *leiter, *leiterin,
        bereichsvorstand, chef de service, chef de departement, jefe de departamento, jefa de departamento,
        responsable de departement, chefe de departamento
    """,
    "director": """
        director, directors, directeur, directrice, directora, diretor, diretora, direktor*, direktorin
    """,
    "manager": """
        manager, managerin, supervisor, team lead, team leader, teamlead, teamleiter, teamleiterin, gruppenleiter,
        gruppenleiterin, schichtleiter, filialleiter, filialleiterin, responsable, gerente, encargado, encargada,
        coordinador, coordinadora, coordenador, coordenadora, jefe de, jefa de, chef d'equipe, chef de, cheffe de, supervisora
    """,
    "senior": """
        senior, sr, principal engineer, principal consultant, principal developer, principal scientist, confirme,
        confirmee
    """,
    "entry": """
        junior, jr, entry level, entry-level, graduate, berufseinsteiger*, debutant, debutante, assistent, auxiliar,
        assistant, assistante, assistentin, asistente, assistente
    """,
    "intern": """
        intern, internship, trainee, apprentice, praktikant*, werkstudent*, auszubildende*, azubi, volontar*,
        stagiaire, apprenti, apprentie, alternant, alternante, becario, becaria, practicante, pasante, aprendiz,
        estagiario, estagiaria, working student
    """,
}

#: Department → words and phrases, as above.
DEPARTMENTS: Mapping[str, str] = {
    "sales": """
        sales, chief revenue officer, chief commercial officer, account executive, account manager, key account*, business development, vertrieb*, verkauf*,
        aussendienst*, commercial, commerciale, commerciaux, ventes, ventas, comercial, vendas, vendedor, vendedora,
        vendeur, vendeuse, bdr, sdr, cro, presales, pre-sales, sales engineer, technico-commercial
    """,
    "marketing": """
        marketing*, marketingleiter*, brand, seo, sem, communications, communication, pr, public relations, content,
        social media, media buyer, cmo, product marketing, growth, kommunikation*, offentlichkeitsarbeit, comunicacion,
        comunicacao, mercadeo, mercadotecnia, publicidad, publicidade, advertising, werbung
    """,
    "engineering": """
        engineer, engineering, developer, software*, programmer, cto, chief technology officer, chief technical officer, devops, qa, ingenieur*,
        entwickl*, programmierer*, developpeur, developpeuse, ingeniero, ingeniera, desarrollador, desarrolladora,
        programador, programadora, engenheiro, engenheira, desenvolvedor, desenvolvedora, konstrukteur*, full stack,
        fullstack, frontend, backend, design engineer, r&d, data engineer
    """,
    "it": """
        it, cio, ciso, dsi, chief information officer, chief information security officer, information technology, system administrator, systems administrator, sysadmin, network,
        helpdesk, it support, informatik*, edv, systemadministrator*, informatique, informatica, sistemas,
        ti, tecnologia da informacao, tecnologias de la informacion, cybersecurity, it security
    """,
    "data": """
        data scientist, data science, data analyst, data analytics, business intelligence, machine learning,
        datenanalyst*, analista de datos, analista de dados, cientista de dados, cientifico de datos, data analyste
    """,
    "product": """
        product manager, product owner, product management, product director, head of product, produktmanager*,
        produktmanagement, chef de produit, cheffe de produit, jefe de producto, gerente de producto,
        gerente de produto, director of product, vp product, chief product officer, product lead
    """,
    "design": """
        designer, design, ux, ui, ux designer, creative director, art director, directeur artistique, gestalter*,
        grafiker*, grafikdesigner*, graphiste, disenador, disenadora, diseno, direktor design
    """,
    "customer_service": """
        customer service, customer success, customer support, customer care, kundenservice, kundendienst,
        kundenbetreu*, kundenberater*, service client, relation client, atencion al cliente, servicio al cliente,
        atendimento, atendimento ao cliente, suporte ao cliente, call center, client success, technical support,
        customer experience, chief customer officer
    """,
    "finance": """
        finance, financial, cfo, daf, accounting, accountant, controller, controlling, treasury, treasurer, tax,
        auditor, audit, bookkeeper, payroll, finanz*, buchhalt*, steuerberat*, steuerfach*, rechnungswesen, wirtschaftsprufer*,
        comptable, comptabilite, financier, financiere, finanzas, contable, contador, contadora, contabilidad,
        financeiro, financeira, financas, contabilidade, tesoreria, tesouraria, tresorerie, financiero, financiera
    """,
    "human_resources": """
        hr, human resources, chro, chief human resources officer, drh, recruiter, recruiting, recruitment, talent, talent acquisition, people,
        hr business partner, personalleiter*, personalreferent*, personalabteilung, personalwesen, personalentwickl*,
        personalchef*, personalmanag*, ressources humaines, rh, recursos humanos, rrhh, recrutement, recruteur,
        recruteuse, recrutador, recrutadora, reclutador, reclutadora, chief people officer
    """,
    "legal": """
        legal, lawyer, attorney, counsel, general counsel, solicitor, barrister, paralegal, clo, compliance,
        rechtsanwalt*, jurist*, syndikus*, rechtsabteilung, avocat, avocate, juriste, juridique, abogado, abogada,
        juridico, juridica, asesor legal, advogado, advogada, notar, notaire, notario
    """,
    "operations": """
        operations, coo, chief operating officer, logistics, supply chain, warehouse, production, manufacturing, plant manager, logistik*,
        produktion*, betriebsleiter*, lager*, werksleiter*, logistique, exploitation, operaciones, logistica,
        produccion, operacoes, producao, supply-chain, quality, qualitat*, qualite, calidad, qualidade
    """,
    "purchasing": """
        purchasing, procurement, buyer, sourcing, einkauf*, einkaufer*, beschaffung*, acheteur, acheteuse, achats,
        compras, comprador, compradora, aprovisionamiento
    """,
    "administration": """
        administration, office manager, secretary, receptionist, executive assistant, personal assistant,
        administrative assistant, office administrator, sekretar*, assistenz*, empfang*, verwaltung*, secretaire,
        assistante de direction, assistant de direction, secretaria, secretario, recepcionista, administrativo,
        administrativa, assistente administrativo, assistente administrativa
    """,
    "research": """
        research, researcher, scientist, forscher*, forschung*, chercheur, chercheuse, recherche, investigador,
        investigadora, pesquisador, pesquisadora, wissenschaftler*, research and development
    """,
    "education": """
        teacher, professor, professorin, lecturer, lehrer*, dozent*, enseignant, enseignante, professeur,
        professeure, profesor, profesora, docente, headteacher, tutor
    """,
    "medical": """
        physician, nurse, surgeon, pharmacist, dentist, arzt, arztin, oberarzt*, chefarzt*, krankenpfleg*,
        apotheker*, medecin, infirmier, infirmiere, pharmacien, pharmacienne, medico, medica, enfermero, enfermera,
        enfermeiro, enfermeira, farmaceutico, farmaceutica, zahnarzt*
    """,
    "consulting": "consultant, consulting, berater, beraterin, unternehmensberater*, consultor, consultora, consultante",
}

#: Departments that give way to any other in the same title: "Sales Operations", "Marketing Data Analyst".
WEAK_DEPARTMENTS = frozenset(
    {"operations", "consulting", "administration", "engineering", "data", "research"}
)

#: Titles that say nothing about today, or about the one who has them.
NOT_NOW = """
    former, ex, formerly, retired, ehemalig*, a.d, i.r, ancien, ancienne, exdirector, antiguo, antigua, retraite, jubilado, en recherche, en busqueda, auf der suche,
    aposentado, seeking, looking, aspiring, student, studentin, etudiant, etudiante, estudiante, estudante
"""
#: Those whose title names the one they work for: "Assistant to the CEO".
FOR_ANOTHER = """
    assistant to, assistentin der, assistent der, assistenz der, assistentin des, assistent des, assistante de direction,
    assistant de direction, assistant du directeur, assistante du directeur, assistante du pdg, asistente de direccion,
    asistente de gerencia, asistente del director, assistente de direcao, assistente da diretoria, assistente de diretoria,
    secretaria de direccion, secretary to, executive assistant, personal assistant, sekretarin der, sekretar der,
    secretaire de direction, vorstandsassisten*, ea to, pa to, executive secretary
"""
#: The same, but nobody knows in which department.
BESIDE = "chief of staff, advisor to, adviser to, referent der, referentin der, office of, berater der, conseiller du, asesor del"
#: "Account manager" and others lead nobody by their title alone.
NO_MANAGERS = """
    assistant professor, associate professor, associate director, junior partner,
    account manager, product manager, project manager, program manager, programme manager, case manager,
    community manager, relationship manager, success manager, social media manager, content manager, brand manager,
    category manager, partner manager, channel manager, office manager, key account manager, projektmanager*,
    produktmanager*, product owner, process owner, service owner, system owner, business owner process, data owner,
    application owner, solution owner, chef de projet, cheffe de projet, chef de produit, cheffe de produit,
    chef de cuisine, chef de partie, chef de rang, jefe de proyecto, jefe de producto, gerente de projeto, gerente de projetos, gerente de proyecto, gerente de contas,
    head chef, head nurse, head teacher, head waiter, head coach, head barista, assistant manager, gestor de contas, projektleiter*,
    team assistant, lead generation, lead gen, account director
"""
