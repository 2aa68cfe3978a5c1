package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

const (
	vatSubject      = "speaks of VAT"
	discountSubject = "speaks of a discount"
	currencySubject = "speaks of a currency"
	scaleSubject    = "speaks of the scale of prices"
	dueSubject      = "speaks of a due date"
	billedSubject   = "speaks of whether a row is billed"
	statusSubject   = "speaks of a status"
	creditSubject   = "speaks of a credit"
	cancelSubject   = "speaks of cancelling"
	quantitySubject = "speaks of a quantity"
	moneySubject    = "speaks of money"
)

// beside reads a table of one row with a column that the profile does not name, and gives the refusal, if any.
func beside(t *testing.T, header, value string) error {
	t.Helper()
	_, _, err := understand(t, "Hva;Beløpet;"+header+"\nx;100;"+value, "columns: {description: Hva, amount: Beløpet}\n")
	return err
}

// TestHeadersOfUnreadColumns has headers with a value, and what they are refused for; those without a reason pass.
func TestHeadersOfUnreadColumns(t *testing.T) {
	t.Parallel()
	for says, headers := range map[string]string{
		moneySubject: `Emballasje=5|Materiell=5|Materialer=5|Arbeid=5|Oppstart=5|Etablering=5|Fastledd=5|Tjenester=5|Kjøring=5|Diett=5|Ekspedisjon=5|Eksp.=5|Adm=5|Adm.=5|Miljø=5|Innb.=5|Kontant=5|Trukket=5|Trekk=5|Avkorting=5|Voucher=5|Kampanje=5|Avsl=5|Egenandel=5|Självrisk=5|RUT=5|ROT=5|Diverse=-5|Forskudd=50|Förskott=50|Deposit=200|Gavekort=100|Gift card=50|GiftCard=50|gift_card=50|Presentkort=50|Lahjakortti=50|Tillegg=25|Helgetillegg=25
			Tillägg=5|Tillæg=5|Lisämaksu=5|Surcharge=10|Freight=99|Porto=15|Fragt=5|Rahti=5|Postikulut=5|Adjustment=-10|Øreavrunding=0|Debet=100|Innbetalt=100|Inbetalt=5
			Utestående=100|Udestående=4|Outstanding=4|att betala=5|Maksettava=5|Pant=2|Shipping=99|Order shipping=4|Rate=900|Hourly rate=900|Line net=5|Cost=2
			Fakturagebyr=49|Kundespesialpris=90|Line_Value=4|PriceList price=4|Net weight price=4|Payment=4|Rente=4|Korko=4|Price2=4|Prices/total=4|Afgift=4|Beløb=4|Total price NOK=4|Amt=5|Avg.=5|Restanse=5|Kundesaldo=5|Viivästyskorko=5|Dröjsmålsränta=5|Kontingent=500|Toll=5`,
		discountSubject: `Søskenmoderasjon=30|Fratrekk=100|Disc.=10|Disc=10|Rab.=10|Rabat=5|Red.=10|Ale=10|Nedslag=10|Fradrag=50|Prisavdrag=5|Kupong=SOMMER|Coupon code=X|Discount code=X|Kunderabattsats=5|Vähennys=5|Afslag=5`,
		dueSubject: `Betalningsv.=30|Kred.dager=30|Bet. betingelse=30|Bet vilk=30|Sista dag=2026-12-24|Siste dato=2026-12-24|F.dato=2026-12-24|Zahlungsziel=30|Terms=30|Betalingsbetingelse=30 dager|Payment Term=30 net|PaymentTerm=30|Bet.vilkår=14|Bet.villkor=14|Forf. dato=2026-12-24|Ff.dato=2026-12-24|Förf.datum=2026-12-24
			Maturity=2026-12-24|Deadline=2026-12-24|Siste frist=2026-12-24|Credit period=30|Ehdot=14 pv|Maksuehdot=14 pv|Betalas senast=2026-12-24|Forfaldsdag=24|Overdue=Yes|Forfalt=Ja|Days net terms=30`,
		billedSubject: `Fakturasperre=Nei|På vent=Ja|Ikke send=x|Skal sendes=Nei|Tas med=Nei|Inkluder=Nei|Stopp=x|Vent=x|Ignorer=x|Garanti=Ja|Reklamasjon=Ja|Oppgjort=Ja|Gjort opp=Ja|Sendt faktura=Ja|Faktura sendt=Ja|Bokført=Ja|Overført=Ja|Eksportert=Ja|Behandlet=Ja|Utgår=Ja|Utgått=Ja|Oppsagt=Ja|Uppsagd=Ja|Opphør=Ja|Konkurs=Ja|Pristype=Fast|Faktureres=Nei|Skal faktureres=Nei|Ikke fakturer=Ja|Do not bill=x|Don't invoice=x|Invoice?=No|Chargeable=No|Non-chargeable=Yes|Debiterbar=Nej|Debiteras=Nej
			Laskutettava=Ei|Ei laskuteta=x|Proforma=Ja|Pro forma=Ja|Gratis=Ja|Ilmainen=Kyllä|Billable=No|Fakturerbart=Nei|Fakturera?=Nej|On hold=Yes|Active=No|Fakt.=Nei|To invoice=No|Laskuta=Ei|Utelat=x|Terminated=x|Opphørt=Ja|Aktiv=Nei|Is_Active=No|Skip=x`,
		statusSubject: `Ordrestatus=ok|Project status?=x|Tilauksen tila=x|Godkjent=Nei|Approved=No|Invoiced=Yes|Fakturert=Ja|Delbetalt=Ja|Betald=Nej|Maksettu=Ei|Draft=Yes|Luonnos=Kyllä|Open=Yes
			Financial Status=x|Paid at=2026-11-01|State=x`,
		creditSubject: `Tilbakebetalt=Ja|Återbetald=Ja|Palautettu=Kyllä|Doc type=CM|DocType=CM|Document type=CM|Dokumenttyp=KF|Tositelaji=HL|D/K=K|C/D=C|Debit/Credit=C|Fortegn=-|Etumerkki=-
			Credited invoice=1001|Kreditnota=1|IsCreditNote=true|Krediterer=1001|Refunds=10|Refunded=10|Returned=1|Hyvityslasku=1|Retur=1|Gjelder faktura=1001|Original invoice=1001|Dr/Cr=Cr|Hyvitetään=Kyllä`,
		cancelSubject:                    `Makulerad=nej|Cancelled at=2026-11-01|Kansellert=Nei|Annulleret=Nej|Void=No|Peruutettu=Ei|Mitätöity=Ei|Avbeställd=Nej|Avmeldt=x|Ångrad=x`,
		vatSubject:                       `Taxable=No|Avgiftspliktig=Nei|Omvendt avgiftsplikt=Ja|Reverse charge=Yes|Omvänd skattskyldighet=Ja|Käännetty verovelvollisuus=Kyllä|Mva-kode=3|Mvakode=3|VATIncluded=true|Momspliktig=Nej|Verokanta=24|Tax exempt=Yes|Kundepris/mva=5|SalesTax=5|VAT Code=3|Afgiftspligtig=Nej`,
		currencySubject:                  `Kurs=11,5|FX=11.5|FX rate=11.5|Exchange rate=11.5|Valutakurs=11|Fakturavalutaen=EUR1|Kurssi=11,5|Växelkurs=11,5|Ccy=x`,
		scaleSubject:                     `Enhet=øre/kWh|Benevning=øre|Per 100=100|Pr. 1000=5|Andel=50|Fordeling=50|Prisenhet=100|Prisenhed=100|Price unit=100|Faktor=10|Factor=10|Kerroin=10|Hintayksikkö=100`,
		quantitySubject:                  `Kg=3|m2=3|m3=3|Liter=3|Ltr=3|Meter=3|Lm=3|Tonn=3|Kolli=3|GB=3|Pallet=3|Kilometer=3|Km=3|Mil=3|Miles=3|Netter=3|Nätter=3|Nætter=3|Yöt=3|Nights=3|Guests=3|Rooms=3|Deltakere=3|Deltagare=3|Attendees=3|Personer=3|Henkilöt=3|Ansatte=3|Employees=3|Elever=3|Ganger=3|Gånger=3|Kerrat=3|Turer=3|Besøk=3|Sessions=3|Transactions=3|Parcels=3|Meldinger=3|Minutter=3|Timetall=3|Porsjoner=3|Kuverter=3|Bestilt=3|Plukket=3|Mnd=3|Mnd.=3|Months=3|Måneder=3|Kuukaudet=3|Seats=5|Hrs=2|Stykk=5|Stk=5|Mängd=5|Mængde=5|Kvantum=5|Hours=7,5|Arbeidstimer=7|Duration=2|Tuntimäärä=3|Lisenser=4|Licenses=4|kWh=120|Forbruk=12|Number of users=4`,
		"looks like quantity":            `Ant=3|Ant.=3|Mengde=3|Count=3|kvantitet=3|Antall=3|Määrä=3|units=4`,
		"looks like country":             `Country=NO|Land=SE`,
		"looks like organization_number": `Orgnr=999888003|VAT number=999888003`,
		"looks like days_until_due":      `betalvillkor=30|Betalingsvillkor=30|kredittid=30|payment terms=30|payment days=30|kreditdagar=30|betalningstid=30|Kredittdager=30|Betalingsbetingelser=30`,
		"looks like due_date":            `pay by=2026-12-24|eräpvm=2026-12-24|Forfall=2026-12-24`,
		"looks like unit_price":          `verollinen hinta=5|Net price=5|Unit price=5`,
		"looks like amount":              `veroton=80|verollinen=100|å betale=125|Net=80|Totalt=5|Loppusumma=4`,
		"looks like delivery_date":       `delivery_date=2026-10-31|Levert=2026-10-31`,
		"looks like prices":              `prices=excl`,
		"looks like product":             `product=b2c|Product=B2B_grouped`,
		"looks like currency":            `currency=EUR|Valuta=EUR`,
		"looks like invoice_channel":     `invoice_channel=merchant`,
		"discount_percent or discount":   `Rabatt=10|Discount=10|Alennus=10`,
		"looks like vat or vat_amount":   `Mva=25|Moms=25|ALV=25`,
		"speaks of a percentage":         `Ferdig %=50`,
		"": `Invoice Date=2026-11-01|InvoiceDate=2026-11-01|invoice_date=2026-11-01|Invoice description=tekst|Invoice delivery=EHF|Summary=tekst|Shipping city=Oslo|Shipping name=Kari
			Shipping address=Gata 1|Shipping method=Bring|Net weight=12,50|Nettovekt=12,50|Price list=A|Prisliste=A|PriceList=A|Rate plan=Basic|Billing state=CA|Approved by=KN|Godkjent av=KN
			Billing address=Gata 1|Billing city=Oslo|VAT ID=NO999888003MVA|VAT no=999888003|VATID=1|Mva-nr=999888003|Tax ID=999888003|Momsnr=1|ALV-tunnus=1
			Version=1.20|Versjon=2.10|Kl=08.30|Kl.=08.30|Enterprise=tekst|Consumer=tekst|Order date=2026-11-01|Ordredato=2026-11-01|Period=11.26|Uke=48|Avtalenr=4711|Invoice=F-1
			Payment method=Vipps|Payment reference=tekst|Credit card=Visa|State/Province=CA|Postal code=0151|Department=IT|Cost center=410|Account number=1001|E-mail=kari@example.no|Etternavn=N
			Product=Coffee|Kanal=Butikk|Ny kunde=Ja|OK=x|Levere=n|Debitor=1|Kreditor=1|Totalentreprise=tekst|Taxi=3|Resultat=tekst|Avdelingsleder=K|Prosjekt=H|Tags=a|User=Kari|Start Date=2026-11-01|End time=08:30|Notes=tekst|Salgskanal=tekst|Merknad=tekst
			Kestotilaus=tekst|Määränpää=Oslo|Lisätiedot=tekst|Tilaaja=tekst|Maksutapa=tekst|Hintaryhmä=A|Vattenmätare=7|Faktureringsadresse=Gata 1|Fraktmåte=Post|Enhet=stk|Invoice to=Kari|Charge ID=ch1|Charge period=Nov|Month=11|Måned=11|Varegruppe=A|Delivery terms=EXW|Ordredato=30.11|Leveringstidspunkt=12.30|Newsletter=Ja|Samtykke=Nei|EHF=Ja|Nyhetsbrev=Nei|Accepts Marketing=yes|GDPR=Ja|Medlem=Nei|Temperatur=-5|Etableringsdato=2026-01-01|Materiell=Stål|Tjenester=Regnskap|Behandlet av=Kari|Selger=KN|Type=tekst`,
	} {
		for _, one := range strings.FieldsFunc(headers, func(r rune) bool { return r == '|' || r == '\n' }) {
			header, value, found := strings.Cut(strings.TrimSpace(one), "=")
			require.True(t, found, one)
			t.Run(says+": "+header, func(t *testing.T) {
				t.Parallel()
				err := beside(t, header, value)
				if says == "" {
					require.NoError(t, err)
					return
				}
				require.Contains(t, requireCode(t, err, "header.unread").Error(), says)
			})
		}
	}
}

// TestCellsOfUnreadColumns has cells under a header that says nothing, and what they are refused for.
func TestCellsOfUnreadColumns(t *testing.T) {
	t.Parallel()
	const (
		state    = "speaks of a status: cells such as paid, credit or cancelled"
		decimals = "speaks of money: numbers with decimals in every cell"
		credit   = "speaks of a credit: cells with codes such as KN"
	)
	for cells, says := range map[string]string{
		"x|Paid": state, "Kreditnota": state, "CANCELLED": state, "Delvis betalt|x": state, "Ikke fakturert": state,
		"ej fakturera": state, "Mitätöity": state,
		"ei laskuteta": state, "Annulleret": state, "På vent": state, "Credit note": state, "Maksamatta": state,
		"Tilbakebetalt": state, "Återbetald": state, "Hylätty": state,
		"Kläder|Kladd": state, "Inaktiv": state, "do not bill": state, "Free of charge": state,
		"12.50|3.00": decimals, "12,50|-3,00": decimals, "99,50|100|7": decimals, "1 250,50": decimals,
		"€ 12": "speaks of money: cells with a currency",
		"12 %": "speaks of a percentage: cells with a percent sign", "EUR|NOK": "speaks of a currency",
		"KN": credit, "FA|KN": credit, "CRN|INV": credit, "Kreditnota 12": state, "Credit Note #12": state,
		"Kreditert!": state, "(betalt)": state, "Betalt 15.11.26": state,
		"ikke faktureres": state, "Ikke fakturer denne!": state, "Kreditnota til faktura 12": state,
		"Kreditert faktura 1001": state, "Betalt med Vipps": state, "Betaltjänst AB": "", "Knut Credit AS": "",
		"x|-5":   "speaks of money: numbers below zero",
		"Ja|Nei": "", "yes|no": "", "true|false": "", "Kyllä|Ei": "", "x|": "", "Ja|Kanskje": "", "KN|Fjordlys": "",
		"FA|INV": "", "KN12|CM13": "",
		"Retur Norge AS": "", "Open Solutions AS": "", "Gratis Frakt AS": "", "Storgata 12": "",
		"Betalingsvegen 3": "", "1|0": "", "100|2500": "", "x|12.50": "", "paid by Kari": "", "1.10.2": "",
		"1.2|1.3":         "",
		"59.9139|10.7522": "", "IT|HR": "", "Betalingstjenester": "",
	} {
		t.Run(cells, func(t *testing.T) {
			t.Parallel()
			_, _, err := understand(t, "description;amount;Extra\nx;100;"+strings.ReplaceAll(cells, "|", "\ny;100;"),
				"")
			requireUnread(t, err, says)
			if says == decimals {
				_, _, err = understand(t,
					"description;amount;Weight (kg)\nx;100;"+strings.ReplaceAll(cells, "|", "\ny;100;"), "")
				require.NoError(t, err)
			}
		})
	}
}

// TestColumnsBesideOthers has headers with cells, what stands beside them, and what they are refused for.
func TestColumnsBesideOthers(t *testing.T) {
	t.Parallel()
	const (
		count = "speaks of a quantity: numbers in every cell, beside prices without quantities"
		payer = "speaks of who is invoiced"
	)
	for _, tc := range []struct{ beside, cells, headers, says string }{
		{"unit_price=100", "2|3", "Extra|Kopper|Timeverk|Kjørt", count},
		{"unit_price=100", "1|3", "Extra", count},
		{"unit_price=100", "2,5|1", "Extra", count},
		{"unit_price=100", "1|1", "Extra", ""},
		{"unit_price=100", "0|2", "Extra", ""},
		{"unit_price=100", "012|013", "Extra", ""},
		{"unit_price=100", "1234567|2345678", "Extra", ""},
		{
			"unit_price=100", "2|3",
			"Avtalenr|Ref|ID|Kode|Konto|Prosjekt|Avdeling|Varegruppe|Lager|Uke|År|Måned|Net weight|Postnummer 2|Avtale|Rom nr", "",
		},
		{"amount=100", "2|3", "Extra", ""},
		{"unit_price=100;quantity=2", "2|3", "Extra", ""},
		{
			"amount=100;Business name=Fjordlys", "A|B", `Fakturamottaker|Fakturamottagare|Fakturakunde|Faktura til|Betaler|Betaler orgnr|Faktura orgnr|Sluttkunde|Faktura-e-post|Fakturaepost
			|Invoice email|Faktura postnr|Bill to|Bill-to|Billing company|Billing name|Billing email`, payer,
		},
		{"amount=100;email=kari@example.no", "A|B", "Fakturakunde|Billing name", payer},
		{"amount=100;contact_name=Kari Nord", "A|B", "Fakturakunde|Bill to", payer},
		{
			"amount=100;Business name=Fjordlys", "A|B",
			"Billing city|Billing state|Billing country|Faktura dato|Billing period", "",
		},
		{"amount=100", "A|B", "Fakturakunde|Bill to|Billing name", ""},
	} {
		var names, values string
		for one := range strings.SplitSeq(tc.beside, ";") {
			name, value, _ := strings.Cut(one, "=")
			names, values = names+name+";", values+value+";"
		}
		first, second, _ := strings.Cut(tc.cells, "|")
		for header := range strings.SplitSeq(tc.headers, "|") {
			header = strings.TrimSpace(header)
			t.Run(tc.beside+" "+header+" "+tc.cells, func(t *testing.T) {
				t.Parallel()
				_, _, err := understand(t, "description;"+names+header+"\nx;"+values+first+"\ny;"+values+second, "")
				requireUnread(t, err, tc.says)
			})
		}
	}
}

// TestQuantitiesNameWhatTheyCount has headers with what is counted in brackets; a number of units is none.
func TestQuantitiesNameWhatTheyCount(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"Antall (timer)": true, "Quantity (hours)": true, "Antall (stk)": true, "Antall (stk.)": true,
		"Määrä (kpl)": true, "Antal (m²)": true,
		"Antall (dusin)": false, "Antall (100)": false, "Antall (min)": false, "Antall (1000 stk)": false,
		"Antall (kreditert)": false, "Antall (stk": false,
	} {
		records, _, err := understand(t, "description;unit_price;"+header+"\nx;100;3", "")
		if want {
			require.NoError(t, err, header)
			require.Equal(t, []string{"2 description=x quantity=3 unit_price=100"}, records)
			continue
		}
		requireCode(t, err, "header.unread")
	}
}

// requireUnread requires the refusal of a column that says so, or none.
func requireUnread(t *testing.T, err error, says string) {
	t.Helper()
	if says == "" {
		require.NoError(t, err)
		return
	}
	require.Contains(t, requireCode(t, err, "header.unread").Error(), says)
}

// TestNumbersOfUnreadColumnsInWorkbooks has stored numbers under a header that says nothing.
func TestNumbersOfUnreadColumnsInWorkbooks(t *testing.T) {
	t.Parallel()
	const decimals = "speaks of money: numbers with decimals in every cell"
	for cells, says := range map[string]string{
		"99.5 500.5": decimals, "99.5 100": decimals, "33.3333333333333": decimals, "-12.25 3": decimals,
		"100 2500": "", "0 1": "", "4711": "", "100.00000000000001": "",
	} {
		t.Run(cells, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			b.WriteString(
				`<row><c t="inlineStr"><is><t>description</t></is></c><c t="inlineStr"><is><t>amount</t></is></c><c t="inlineStr"><is><t>Extra</t></is></c></row>`)
			for cell := range strings.FieldsSeq(cells) {
				fmt.Fprintf(&b, `<row><c t="inlineStr"><is><t>x</t></is></c><c><v>100</v></c><c><v>%s</v></c></row>`,
					cell)
			}
			_, err := openAt(t,
				workbook(t, []byte(strings.TrimSuffix(sheetStart, again)+b.String()+`</sheetData></worksheet>`)))
			requireUnread(t, err, says)
		})
	}
	for format, says := range map[string]string{
		"0.00": decimals, "#,##0.00": decimals, "0": "", "0.0": "",
		"000000": "", "0.000": "",
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			_, err := openAt(t, styledAs(t, [3]string{"Extra", "More", "Others"}, 164, "25", "164 "+format))
			requireUnread(t, err, says)
		})
	}
}

// openAt surveys the file of a path.
func openAt(t *testing.T, path string) (*intake.File, error) {
	t.Helper()
	f, err := intake.Open(t.Context(), path, intake.Options{TmpDir: t.TempDir()})
	if err == nil {
		require.NoError(t, f.Close())
	}
	return f, err
}
