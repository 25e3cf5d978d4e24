import Testing
import YuyanBackend

@Suite struct GeneratorTests {
    /// Known answers of the authors' Random123 library for philox4x32-10.
    @Test func matchesKnownAnswers() {
        let zeros = RandomKey(seed: 0, draw: 0).words(block: 0)
        #expect(zeros == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let ones = RandomKey(seed: .max, draw: .max).words(block: .max)
        #expect(ones == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        let digits = RandomKey(seed: 0x299f_31d0_a409_3822, draw: 0x0370_7344_1319_8a2e)
        #expect(digits.words(block: 0x85a3_08d3_243f_6a88) == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test func countsDraws() {
        let generator = Generator(seed: 5)
        #expect(generator.nextKey() == RandomKey(seed: 5, draw: 0))
        #expect(generator.nextKey() == RandomKey(seed: 5, draw: 1))
        let state = generator.state
        #expect(state == Generator.State(seed: 5, draws: 2))
        let next = generator.nextKey()
        generator.state = state
        #expect(generator.nextKey() == next)
    }

    /// The standard library draws from it: the same values for the same seed, one draw each.
    @Test func isASourceForTheStandardLibrary() {
        var (first, second) = (Generator(seed: 5), Generator(seed: 5))
        #expect(
            first.next() == UInt64(RandomKey(seed: 5, draw: 0).words(block: 0)[0])
                | UInt64(RandomKey(seed: 5, draw: 0).words(block: 0)[1]) << 32)
        #expect(first.state.draws == 1)
        first = Generator(seed: 5)
        let values = (0..<1000).map { _ in Int.random(in: 0..<10, using: &first) }
        #expect(values == (0..<1000).map { _ in Int.random(in: 0..<10, using: &second) })
        #expect(Set(values) == Set(0..<10))
        #expect((0..<10).shuffled(using: &first).sorted() == Array(0..<10))
    }
}
