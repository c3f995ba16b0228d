import Testing

@testable import AsyngularClient

@Suite("ConnectionRace")
struct ConnectionRaceTests {
    @Test("One address needs no timer")
    func one() {
        var race = ConnectionRace(count: 1)
        #expect(race.start() == [.attempt(0)])
        #expect(race.delayPassed() == [])
        #expect(race.failed(0) == [.giveUp])
        #expect(race.isOver)
        #expect(race.failed(0) == [] && race.connected(0) == [] && race.delayPassed() == [])
    }

    @Test("None")
    func none() {
        var race = ConnectionRace(count: 0)
        #expect(race.start() == [.giveUp])
        #expect(race.isOver)
    }

    @Test("A silent one is joined by the next, and whoever answers first wins")
    func silent() {
        var race = ConnectionRace(count: 3)
        #expect(race.start() == [.attempt(0), .setTimer])
        #expect(race.delayPassed() == [.attempt(1), .setTimer])
        #expect(race.delayPassed() == [.attempt(2)])
        #expect(race.delayPassed() == [])
        #expect(race.connected(1) == [.abandon([0, 2])])
        #expect(race.failed(0) == [] && race.failed(2) == [] && race.connected(2) == [])
    }

    @Test("One that fails is followed at once; it is over when none is left")
    func failing() {
        var race = ConnectionRace(count: 3)
        _ = race.start()
        #expect(race.failed(0) == [.attempt(1), .setTimer])
        #expect(race.delayPassed() == [.attempt(2)])
        #expect(race.failed(2) == [])
        #expect(race.failed(2) == [], "told twice")
        #expect(race.failed(1) == [.giveUp])
    }

    @Test(
        "Families take turns, the preferred one first",
        arguments: [
            ([6, 6, 4, 4], [0, 2, 1, 3]), ([4, 6, 6], [0, 1, 2]), ([4, 4, 4], [0, 1, 2]),
            ([6, 4, 4, 4], [0, 1, 2, 3]), ([], []),
            ([4, 4, 6], [0, 2, 1]),
        ]
    )
    func interleaved(_ families: [Int], _ expected: [Int]) {
        let addresses = Array(families.enumerated())
        #expect(ConnectionRace.interleave(addresses) { $0.element == 6 }.map(\.offset) == expected)
    }
}
