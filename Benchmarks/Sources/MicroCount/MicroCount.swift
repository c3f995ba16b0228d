@main enum MicroCount { static func main() {} }
