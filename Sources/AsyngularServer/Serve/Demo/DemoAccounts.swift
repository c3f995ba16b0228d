import StrictJSON

/// Who may log in to the demo, and what their tokens say.
enum DemoAccounts {
    private struct Account {
        let password: String
        let channels: [String]
    }

    private static let accounts = ["alice": Account(password: "right", channels: ["room/7"])]

    /// The claims for a token; nil if the credentials are wrong. `credentials` is `{username, password}`.
    static func claims(for credentials: JSONValue?) -> JSONObject? {
        guard let username = credentials?["username"]?.stringValue,
            let password = credentials?["password"]?.stringValue
        else { return nil }
        let account = accounts[username]
        // An unknown name takes as long as a wrong password does.
        let isRight = equalInConstantTime(Array(password.utf8), Array((account?.password ?? "nobody's").utf8))
        guard let account, isRight else { return nil }
        return ["username": .string(username), "channels": .array(account.channels.map { .string($0) })]
    }

    /// Compares without telling by its time how many bytes are right. A product compares slow hashes instead.
    private static func equalInConstantTime(_ given: [UInt8], _ expected: [UInt8]) -> Bool {
        var difference = UInt8(given.count == expected.count ? 0 : 1)
        for (index, byte) in given.enumerated() { difference |= byte ^ expected[index % expected.count] }
        return difference == 0
    }
}
