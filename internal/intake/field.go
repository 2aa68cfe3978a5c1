package intake

import "kraviabatch/internal/billing"

// fieldOf is the record's field for a known column, or nil. It is written out because reflection here
// would cost more than all other work on a cell.
func fieldOf(r *billing.Record, column string) *string {
	switch column {
	case billing.ColOrderReference:
		return &r.OrderReference
	case billing.ColCustomerNumber:
		return &r.CustomerNumber
	case billing.ColProduct:
		return &r.Product
	case billing.ColCurrency:
		return &r.Currency
	case billing.ColDaysUntilDue:
		return &r.DaysUntilDue
	case billing.ColDueDate:
		return &r.DueDate
	case billing.ColInvoiceChannel:
		return &r.InvoiceChannel
	case billing.ColFirstName:
		return &r.FirstName
	case billing.ColLastName:
		return &r.LastName
	case billing.ColContactName:
		return &r.ContactName
	case billing.ColBusinessName:
		return &r.BusinessName
	case billing.ColOrganizationNumber:
		return &r.OrganizationNumber
	case billing.ColEmail:
		return &r.Email
	case billing.ColPhoneNumber:
		return &r.PhoneNumber
	case billing.ColAddressLine:
		return &r.AddressLine
	case billing.ColAddressLine2:
		return &r.AddressLine2
	case billing.ColCOAddress:
		return &r.COAddress
	case billing.ColPostalCode:
		return &r.PostalCode
	case billing.ColPostalPlace:
		return &r.PostalPlace
	case billing.ColCountry:
		return &r.Country
	case billing.ColCustomerReference:
		return &r.CustomerReference
	case billing.ColCostCenter:
		return &r.CostCenter
	case billing.ColLineID:
		return &r.LineID
	case billing.ColItemID:
		return &r.ItemID
	case billing.ColDescription:
		return &r.Description
	case billing.ColQuantity:
		return &r.Quantity
	case billing.ColUnitPrice:
		return &r.UnitPrice
	case billing.ColAmount:
		return &r.Amount
	case billing.ColDiscountPercent:
		return &r.DiscountPercent
	case billing.ColVAT:
		return &r.VAT
	case billing.ColVATAmount:
		return &r.VATAmount
	case billing.ColDeliveryDate:
		return &r.DeliveryDate
	}
	return nil
}
