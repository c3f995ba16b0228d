@main enum TokenComparison { static func main() {} }
