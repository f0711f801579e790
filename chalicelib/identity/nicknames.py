"""Knows the short forms that mean one first name only, so that Bob and Robert of one company are one person.

A short form of several names (Alex, Chris, Sam, Jack, Bert) stays what it is: no answer is better than a wrong one. The
names of same_name.py are other ones: there a doubt counts for the person, here against it.
"""

from __future__ import annotations

from functools import cache

#: The usual name, and what else means it: English, German, French, Spanish, Portuguese, Italian, Polish, Dutch.
_NAMES = """
    robert: bob bobby rob robbie; william: bill billy will willie; richard: rick dick ricky rich; michael: mike mikey mick;
    james: jim jimmy jamie; thomas: tom tommy; david: dave davey; daniel: dan danny; matthew: matt; andrew: andy drew;
    joseph: joe joey; charles: charlie chuck; steven: steve stephen; anthony: tony; kenneth: ken kenny; timothy: tim timmy;
    jeffrey: jeff; geoffrey: geoff; gregory: greg; benjamin: ben benny; nicholas: nick nicolas; ronald: ron ronnie;
    donald: donny; douglas: doug; peter: pete; philip: phil phillip; lawrence: larry laurence; raymond: ray;
    frederick: fred freddie freddy; theodore: theo; leonard: len lenny; edward: eddie ned teddy; zachary: zach zack;
    joshua: josh; nathaniel: nate; vincent: vince vinny; walter: walt wally; stanley: stan; clifford: cliff;
    bradley: brad; russell: russ; randall: randy; rodney: rod; eugene: gene; arthur: art; harold: hal; martin: marty;
    jacob: jake; isaac: ike; abraham: abe; barnaby: barney; bartholomew: bart; cornelius: neil;
    elizabeth: liz lizzie lizzy beth betsy betty libby elisabeth; catherine: cathy kathy kate katie katherine kathryn cath;
    margaret: maggie meg peggy marge; jennifer: jen jenny jenn; jessica: jess jessie; rebecca: becky becca;
    deborah: deb debbie debra; susan: sue susie suzie; barbara: barb babs; patricia: trish tricia pattie; victoria: vicky
    vicki tori; kimberly: kimberley; cynthia: cindy; pamela: pam; judith: judy; dorothy: dot dottie; virginia: ginny;
    abigail: abby; amanda: mandy; angela: angie; christina: tina; theresa: terri tess; teresa: tere; sandra: sandy;
    jacqueline: jackie; josephine: josie; madeline: maddie; natalie: nat; stephanie: steph; tiffany: tiff; veronica: ronni;
    allison: allie alison; melissa: missy; cassandra: cassie; gwendolyn: gwen; penelope: penny; rosemary: rosie;
    maximilian: maxi; johannes: hannes; wolfgang: wolfi; sebastian: basti bastian; matthias: matze; friedrich: fritz fiete;
    heinrich: heinz heini; wilhelm: willi; joachim: jochen achim; dietrich: dieter; siegfried: siggi; ulrich: uli ulli;
    rudolf: rudi; georg: schorsch; konrad: conny; andreas: andi; stefan: steffen; gabriele: gabi; sabine: bine;
    susanne: susi; ursula: uschi ulla; brigitte: gitte gitti; katharina: kathi; elisabetta: betta; monika: moni;
    francisco: paco pancho kiko; jose: pepe; ignacio: nacho; enrique: quique kike; eduardo: edu lalo; guadalupe: lupe;
    dolores: lola; mercedes: merche meche; concepcion: concha; rosario: charo; jesus: chuy; guillermo: memo guille;
    roberto: beto; santiago: santi; manuel: manolo manu; rafael: rafa; joaquin: quino ximo; alfonso: poncho fonsi;
    francesco: cesco; giuseppe: beppe peppe; salvatore: toto; domenico: mimmo; vincenzo: enzo; giovanni: gianni;
    lorenzo: renzo; luigi: gigi; krzysztof: krzysiek; malgorzata: gosia; katarzyna: kasia; agnieszka: aga; tomasz: tomek;
    piotr: piotrek; jakub: kuba; aleksandra: ola; joanna: asia; barbora: bara; cornelis: cees kees; johannis: joop;
    wilhelmina: mien; hendrik: henk; pieter: piet; vladimir: vova volodya; dmitri: dima; alexei: lyosha; mikhail: misha
"""


def usual_name(word: str) -> str:
    """``"bob"`` → ``"robert"``; any other name as it is. ``word``: in small letters without accents."""
    return _usual().get(word, word)


@cache
def _usual() -> dict[str, str]:
    pairs = (entry.split(":") for entry in _NAMES.split(";"))
    return {short: usual.strip() for usual, others in pairs for short in others.split()}
