import StrictJSON
import Testing

@Suite struct JSONObjectTests {
    @Test func keepsOrderAndReplacesInPlace() {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        #expect(object.map(\.name) == ["b", "a", "c"])
        #expect(object["b"] == 4)
        object["a"] = nil
        #expect(object.description == #"{"b":4,"c":3}"#)
        #expect(object.removeValue(forName: "absent") == nil)
        #expect(object.removeValue(forName: "b") == 4)
        #expect(object.count == 1)
        #expect(!object.isEmpty)
        #expect(object[0].name == "c")
    }

    @Test func tellsWhetherAMemberWasAdded() {
        var object = JSONObject()
        let wasAdded = object.set("a", to: 1)
        let wasAddedAgain = object.set("a", to: 2)
        #expect(wasAdded)
        #expect(!wasAddedAgain)
        #expect(object.contains("a"))
        #expect(!object.contains("b"))
    }

    @Test(arguments: [1, 15, 16, 17, 18, 100])
    func findsMembersAtEverySize(_ count: Int) {
        var object = JSONObject(members: (0..<count).map { ("name\($0)", .integer(Int64($0))) })
        for index in 0..<count { #expect(object["name\(index)"] == .integer(Int64(index))) }
        #expect(object["name\(count)"] == nil)
        object["name0"] = nil
        #expect(object["name0"] == nil)
        for index in 1..<count { #expect(object["name\(index)"] == .integer(Int64(index))) }
        object["name0"] = "again"
        #expect(object.members.last?.name == "name0")
        #expect(object.count == count)
    }

    @Test func staysFastWithManyMembers() throws {
        // Quadratic time would be ten thousand million comparisons.
        let count = 100_000
        let text = "{" + (0..<count).map { #""n\#($0)":\#($0)"# }.joined(separator: ",") + #","n5":"last"}"#
        let object = try #require(try JSONValue(parsing: text).objectValue)
        #expect(object.count == count)
        #expect(object["n5"] == "last")
        #expect(object[5].name == "n5")
    }

    @Test func comparesWithoutRegardToOrder() {
        let left: JSONObject = ["a": 1, "b": [true]]
        let right: JSONObject = ["b": [true], "a": 1.0]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1])
        #expect(left != ["a": 1, "b": [false]])
        #expect(left != ["a": 1, "c": [true]])
    }

    @Test func keepsCanonicallyEquivalentNamesApart() {
        var object: JSONObject = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(object.count == 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        // The same once names are hashed; and two equivalent orders of marks have equal lengths.
        for index in 0..<20 { object["filler\(index)"] = 0 }
        object["a\u{323}\u{307}"] = 3
        object["a\u{307}\u{323}"] = 4
        #expect(object["\u{E9}"] == 1)
        #expect(object["a\u{323}\u{307}"] == 3)
        #expect(object.count == 24)
    }
}
