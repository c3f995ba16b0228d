import SocketProtocol
import StrictJSON
import Testing

@Suite struct ReservedEventTests {
    private func match(_ content: String) -> ReservedEvent? {
        let name = JSONString(range: 0..<content.utf8.count, hasEscapes: content.contains("\\"))
        return ReservedEvent.matching(name, in: unsafe content.utf8.span.bytes)
    }

    @Test(arguments: ReservedEvent.allCases)
    func recognisesEachByItsName(_ event: ReservedEvent) {
        #expect(match(event.rawValue) == event)
        #expect(match("\\u0023" + event.rawValue.dropFirst()) == event)
        #expect(match(event.rawValue + "x") == nil)
        #expect(match(String(event.rawValue.dropLast())) == nil)
        #expect(match(String(event.rawValue.dropFirst())) == nil)
        #expect(match(event.rawValue.uppercased()) == nil)
    }

    @Test(arguments: ["", "#", "publish", "#other", "\\u0024publish", "\\n"])
    func leavesOtherNamesToTheUser(_ name: String) {
        #expect(match(name) == nil)
    }

    @Test func spellsNamesAsTheContractDoes() {
        #expect(
            Set(ReservedEvent.allCases.map(\.rawValue)) == [
                "#handshake", "#authenticate", "#removeAuthToken", "#setAuthToken", "#subscribe", "#unsubscribe",
                "#publish",
                "#kickOut", "#disconnect",
            ]
        )
    }
}
