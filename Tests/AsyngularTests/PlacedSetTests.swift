import Testing

@testable import Asyngular

@Suite
struct PlacedSetTests {
    private final class Item: Placed {
        var place = Int.max
    }

    @Test("what is taken out is gone, and each of the others can still be")
    func removal() {
        let items = (0..<5).map { _ in Item() }
        var set = PlacedSet<Item>()
        for item in items { set.insert(item) }
        for (count, index) in [1, 0, 4, 2, 3].enumerated() {
            let wasThere = set.remove(items[index])
            #expect(wasThere)
            #expect(set.count == 4 - count)
            #expect(!set.values.contains { $0 === items[index] })
            let isThere = set.remove(items[index])
            #expect(!isThere)
        }
        #expect(set.isEmpty)
    }

    @Test("an object in another set, or in none, is not taken out")
    func strangers() {
        let (one, other, stranger) = (Item(), Item(), Item())
        var set = PlacedSet<Item>()
        set.insert(one)
        var second = PlacedSet<Item>()
        second.insert(other)
        let results = [set.remove(other), set.remove(stranger)]
        #expect(results == [false, false])
        #expect(set.count == 1)
        #expect(set.values.first === one)
    }
}
