package intake

import (
	"slices"

	"kraviabatch/internal/billing"
)

// synonyms are the headers, besides its own name, that exports in English, Norwegian, Swedish and
// Finnish use for a column. Headers that say "with VAT" stand for a price only when prices include
// it, and those that say "without" only when they exclude it: a wrong one would bill a wrong sum.
func synonyms(column string, exclVAT bool) []string {
	if list := priceSynonyms(column, exclVAT); list != nil {
		return list
	}
	if list := orderSynonyms(column); list != nil {
		return list
	}
	if list := addressSynonyms(column); list != nil {
		return list
	}
	return lineSynonyms(column)
}

func priceSynonyms(column string, exclVAT bool) []string {
	switch column {
	case billing.ColUnitPrice:
		neutral := []string{
			"price", "unit cost", "price per unit", "price each", "pris", "enhetspris", "stykkpris", "pris per enhet", "pris pr enhet",
			"à-pris", "a pris", "á pris", "enhetsbeløp", "styckpris", "pris per styck", "yksikköhinta", "hinta", "à-hinta", "kappalehinta",
		}
		return slices.Concat(neutral, withVATWords(exclVAT, "price", "unit price", "pris", "enhetspris", "à-pris", "styckpris",
			"yksikköhinta", "hinta"))
	case billing.ColAmount:
		neutral := []string{
			"line amount", "line total", "total", "total amount", "sum", "beløp", "linjebeløp", "linjesum", "sum linje", "totalbeløp",
			"totalt", "belopp", "radbelopp", "radsumma", "summa", "totalbelopp", "totalsumma", "rivisumma", "määrä euroina",
			"yhteensä", "loppusumma", "rivin summa",
		}
		return slices.Concat(neutral, withVATWords(exclVAT, "amount", "line amount", "line total", "total", "total amount", "sum", "beløp",
			"linjebeløp", "linjesum", "totalbeløp", "totalt", "belopp", "radbelopp", "radsumma", "summa", "totalbelopp",
			"yhteensä", "rivisumma"))
	}
	return nil
}

// withVATWords are the headers with the words for "with VAT" or "without VAT" behind them.
func withVATWords(excl bool, headers ...string) []string {
	endings := []string{
		"incl vat", "inc vat", "including vat", "incl tax", "inkl mva", "inkl. mva.", "ink mva", "m/mva", "med mva", "inklusive mva", "inkl moms",
		"ink moms", "med moms", "inklusive moms", "sis alv", "sisältää alv", "verollinen",
	}
	if excl {
		endings = []string{
			"excl vat", "ex vat", "excluding vat", "excl tax", "net", "eks mva", "ekskl mva", "u/mva", "uten mva", "eksklusive mva", "netto",
			"exkl moms", "ex moms", "utan moms", "exklusive moms", "ilman alv", "alv 0", "veroton",
		}
	}
	var all []string
	for _, header := range headers {
		for _, ending := range endings {
			all = append(all, header+" "+ending, header+" ("+ending+")", header+", "+ending)
		}
	}
	return all
}

func orderSynonyms(column string) []string {
	switch column {
	case billing.ColOrderReference:
		return []string{
			"order", "order no", "order number", "order id", "order ref", "merchant reference", "invoice group", "sales order",
			"ordre", "ordrenr", "ordre nr", "ordrenummer", "ordreid", "ordre-id", "ordrereferanse", "ordreref", "bestillingsnr",
			"bestillingsnummer", "order nr", "ordernr", "ordernummer", "orderreferens", "beställningsnummer", "tilausnumero",
			"tilausnro", "tilaus", "tilausviite", "tilaustunnus",
		}
	case billing.ColCustomerNumber:
		return []string{
			"customer no", "customer id", "customer nr", "client number", "client id", "account number", "kundenr", "kunde nr",
			"kundenummer", "kunde-id", "kundeid", "kundnr", "kund nr", "kundnummer", "kund-id", "kundid", "asiakasnumero", "asiakasnro",
			"asiakastunnus", "asiakas nro",
		}
	case billing.ColProduct:
		return []string{"invoice product", "invoice type", "kravia product", "fakturaprodukt", "fakturatype", "fakturatyp", "laskutyyppi"}
	case billing.ColCurrency:
		return []string{"currency code", "curr", "valuta", "valutakode", "valutakod", "valuutta", "valuuttakoodi"}
	case billing.ColDaysUntilDue:
		return []string{
			"due days", "payment terms", "payment days", "credit days", "net days", "forfallsdager", "dager til forfall",
			"betalingsfrist", "kredittid", "kredittdager", "betalingsbetingelser", "betalningsvillkor", "betalingsvilkår",
			"betalningstid", "kreditdagar", "förfallodagar", "dagar till förfall", "maksuehto", "maksuaika", "maksuaika päivää",
		}
	case billing.ColDueDate:
		return []string{
			"due", "payment due", "payment due date", "forfall", "forfallsdato", "forfalldato", "forfaller", "förfallodatum",
			"förfallodag", "förfaller", "eräpäivä", "eräpvm",
		}
	case billing.ColInvoiceChannel:
		return []string{"channel", "delivery channel", "fakturakanal", "kanal", "leveringskanal", "leveranskanal", "laskutuskanava", "kanava"}
	}
	return nil
}

func addressSynonyms(column string) []string {
	switch column {
	case billing.ColFirstName:
		return []string{"given name", "forename", "fornavn", "förnamn", "etunimi"}
	case billing.ColLastName:
		return []string{"surname", "family name", "etternavn", "efternamn", "sukunimi"}
	case billing.ColContactName:
		return []string{
			"contact", "contact person", "full name", "kontakt", "kontaktperson", "kontaktnavn", "fullt navn", "kontaktnamn",
			"yhteyshenkilö", "koko nimi",
		}
	case billing.ColBusinessName:
		return []string{
			"company", "company name", "organization", "organisation", "organization name", "firma", "firmanavn", "bedrift",
			"bedriftsnavn", "selskap", "selskapsnavn", "foretak", "foretaksnavn", "företag", "företagsnamn", "bolag", "bolagsnamn",
			"yritys", "yrityksen nimi", "yritysnimi",
		}
	case billing.ColOrganizationNumber:
		return []string{
			"org no", "org number", "organisation number", "organization no", "company number", "company registration number",
			"vat number", "orgnr", "org nr", "organisasjonsnr", "organisasjonsnummer", "foretaksnummer", "organisationsnummer",
			"orgnummer", "y-tunnus", "ytunnus", "yritystunnus", "cvr", "cvr nr", "cvr nummer",
		}
	case billing.ColEmail:
		return []string{
			"e-mail", "email address", "e-mail address", "mail", "epost", "e-post", "epostadresse", "e-postadresse", "e-postadress",
			"sähköposti", "sähköpostiosoite",
		}
	case billing.ColPhoneNumber:
		return []string{
			"phone", "phone no", "mobile", "mobile phone", "mobile number", "telephone", "cell", "telefon", "telefonnr", "telefonnummer",
			"tlf", "tlf nr", "tlfnr", "mobil", "mobilnr", "mobilnummer", "mobiltelefon", "puhelin", "puhelinnumero", "puh", "matkapuhelin",
		}
	case billing.ColAddressLine:
		return []string{
			"address", "street", "street address", "address 1", "address line 1", "billing address", "adresse", "adresse 1",
			"gateadresse", "fakturaadresse", "postadresse", "adress", "adress 1", "gatuadress", "fakturaadress", "postadress",
			"osoite", "katuosoite", "laskutusosoite", "postiosoite", "lähiosoite",
		}
	case billing.ColAddressLine2:
		return []string{"address 2", "adresse 2", "adresselinje 2", "adress 2", "adressrad 2", "osoite 2", "osoiterivi 2"}
	case billing.ColCOAddress:
		return []string{"c/o", "co", "care of", "c/o adresse", "c/o adress", "c/o address", "c/o osoite"}
	}
	return placeSynonyms(column)
}

func placeSynonyms(column string) []string {
	switch column {
	case billing.ColPostalCode:
		return []string{
			"zip", "zip code", "postcode", "post code", "postal no", "postnr", "post nr", "postnummer", "postinumero", "postinro",
		}
	case billing.ColPostalPlace:
		return []string{
			"city", "town", "place", "postal city", "poststed", "sted", "by", "postort", "ort", "stad", "postitoimipaikka",
			"kaupunki", "paikkakunta",
		}
	case billing.ColCountry:
		return []string{"country code", "land", "landkode", "landskod", "landkod", "maa", "maakoodi", "maatunnus"}
	case billing.ColCustomerReference:
		return []string{
			"your reference", "your ref", "buyer reference", "customer ref", "deres referanse", "deres ref", "kundereferanse",
			"kundens referanse", "kunderef", "er referens", "er ref", "kundreferens", "kundens referens", "viitteenne",
			"asiakkaan viite", "asiakasviite", "tilaajan viite",
		}
	case billing.ColCostCenter:
		return []string{
			"cost centre", "department", "kostnadssted", "kostsenter", "avdeling", "kostnadsställe", "kst", "avdelning",
			"kustannuspaikka", "osasto",
		}
	}
	return nil
}

func lineSynonyms(column string) []string {
	switch column {
	case billing.ColLineID:
		return []string{
			"line", "line no", "line number", "line nr", "linje", "linjenr", "linje nr", "linjenummer", "linje-id", "rad", "radnr",
			"rad nr", "radnummer", "rivi", "rivinumero", "rivinro",
		}
	case billing.ColItemID:
		return []string{
			"item", "item no", "item number", "sku", "article", "article no", "article number", "product no", "product number", "product id",
			"product code", "varenr", "vare nr", "varenummer", "produktnr", "produktnummer", "produktkode", "produkt-id", "artikkelnr",
			"artikkelnummer", "artikelnr", "artikel nr", "artikelnummer", "artikel", "produktkod", "tuotenumero", "tuotenro",
			"tuotekoodi", "nimikenumero", "nimike",
		}
	case billing.ColDescription:
		return []string{
			"text", "line text", "item description", "product name", "item name", "product description", "line description",
			"beskrivelse", "tekst", "varetekst", "linjetekst", "varenavn", "produktnavn", "produktbeskrivelse", "fakturatekst",
			"benämning", "beskrivning", "artikelnamn", "artikelbeskrivning", "produktnamn", "fakturatext", "radtext", "kuvaus",
			"selite", "tuotenimi", "tuotteen nimi", "nimitys", "tuotekuvaus",
		}
	case billing.ColQuantity:
		return []string{
			"qty", "count", "number of units", "units", "antall", "ant", "mengde", "antal", "kvantitet", "levererat antal", "määrä",
			"kpl", "lukumäärä", "kappalemäärä",
		}
	case billing.ColDiscountPercent:
		return []string{
			"discount", "discount %", "discount pct", "discount (%)", "rabatt", "rabatt %", "rabatt (%)", "rabattprosent", "rabatt i prosent",
			"rabatt prosent", "rabattprocent", "rabatt i procent", "alennus", "alennus %", "alennusprosentti", "alennus-%", "ale-%",
		}
	case billing.ColVAT:
		return []string{
			"vat %", "vat rate", "vat percent", "vat percentage", "vat pct", "vat (%)", "tax rate", "tax %", "mva", "mva %", "mva (%)",
			"mva-sats", "mvasats", "mva prosent", "mva-prosent", "moms", "moms %", "moms (%)", "momssats", "moms-%", "momsprocent", "alv", "alv %",
			"alv (%)", "alv-%", "alv-kanta", "alv-prosentti", "arvonlisävero",
		}
	case billing.ColVATAmount:
		return []string{
			"vat sum", "tax amount", "mva-beløp", "mva beløp", "mvabeløp", "mva kr", "mva sum", "momsbelopp", "moms belopp",
			"moms kr", "momsbeløp", "alv-määrä", "alv määrä", "alv summa", "alv eur", "veron määrä",
		}
	case billing.ColDeliveryDate:
		return []string{
			"delivered", "delivery", "date of delivery", "service date", "leveringsdato", "levert", "levert dato", "levering",
			"leveransdatum", "leveransdag", "levererad", "utförd datum", "toimituspäivä", "toimituspvm", "suorituspäivä",
		}
	}
	return nil
}
