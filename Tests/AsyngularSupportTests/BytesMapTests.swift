import Testing

@testable import AsyngularSupport

@Suite("BytesMap")
struct BytesMapTests {
    @Test("Behaves like a dictionary", arguments: [1, 2, 3, 4, 5, 6], [4, 40, 4000])
    func model(_ seed: UInt64, keys: Int) {
        var random = SeededGenerator(seed: seed)
        var map = BytesMap<Int>()
        var model: [[UInt8]: Int] = [:]
        for step in 0..<6000 {
            let key = Array("key \(Int.random(in: 0..<keys, using: &random))".utf8)
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                map[key] = step
                model[key] = step
            case 2:
                #expect(map.removeValue(for: key.rawBytes) == model.removeValue(forKey: key))
            case 3:
                map[key] = nil
                model[key] = nil
            default:
                #expect(map[key] == model[key])
            }
            #expect(map.count == model.count)
        }
        for (key, value) in model { #expect(map[key] == value) }
        #expect(Set(map.keys) == Set(model.keys))
        #expect(map.values.sorted() == model.values.sorted())
    }

    @Test("Empty, and emptied")
    func empty() {
        var map = BytesMap<Int>()
        #expect(map.isEmpty)
        #expect(map["x"] == nil)
        #expect(map.removeValue(for: [1].rawBytes) == nil)
        map[""] = 1
        #expect(map[""] == 1)
        #expect(map[[UInt8]()] == 1)
        map[""] = nil
        #expect(map.isEmpty)
        #expect(map[""] == nil)
        for round in 0..<100 {
            map["a"] = round
            map["a"] = nil
        }
        #expect(map.count == 0)
    }

    @Test("Copies are independent")
    func copies() {
        var first = BytesMap<Int>()
        first["a"] = 1
        var second = first
        second["a"] = 2
        second["b"] = 3
        #expect(first["a"] == 1)
        #expect(first["b"] == nil)
        #expect(second["a"] == 2)
    }

    @Test("Keys that begin alike or hold any byte")
    func keys() {
        var map = BytesMap<Int>()
        let keys: [[UInt8]] = [[], [0], [0, 0], [255], [97], [97, 97], Array(repeating: 97, count: 1000)]
        for (index, key) in keys.enumerated() { map[key] = index }
        for (index, key) in keys.enumerated() { #expect(map[key] == index) }
    }
}
