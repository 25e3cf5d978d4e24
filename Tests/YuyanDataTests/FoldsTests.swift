import Testing
import YuyanCore
import YuyanData

@Suite struct FoldsTests {
    @Test func foldsAreThoseOfTheBook() {
        let folds = kFolds(count: 11, folds: 3)
        #expect(
            folds == [
                Fold(training: [3, 4, 5, 6, 7, 8], validation: [0, 1, 2]),
                Fold(training: [0, 1, 2, 6, 7, 8], validation: [3, 4, 5]),
                Fold(training: [0, 1, 2, 3, 4, 5], validation: [6, 7, 8]),
            ])
    }

    @Test(arguments: [(2930, 5), (10, 10), (7, 2), (1460, 5)])
    func eachRowValidatesOnce(count: Int, k: Int) {
        let folds = kFolds(count: count, folds: k)
        #expect(folds.count == k)
        #expect(folds.flatMap(\.validation) == Array(0..<count / k * k))
        for fold in folds {
            #expect((fold.training + fold.validation).sorted() == Array(0..<count / k * k))
        }
    }

    @Test func countsThatDoNotFitTrap() async {
        let one = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = kFolds(count: 10, folds: 1)
        }
        expectText(one, "kFolds: 1 folds leave nothing to train on; take 2 or more")
        let many = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = kFolds(count: 4, folds: 5)
        }
        expectText(many, "kFolds: 4 samples are too few for 5 folds")
        let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = selectModel(among: [Int](), over: kFolds(count: 4, folds: 2)) { _, _ in 0 }
        }
        expectText(none, "selectModel: 0 candidates and 2 folds")
    }

    private func expectText(_ result: ExitTest.Result?, _ part: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(part), "\(part) in: \(text)")
    }

    /// The constant that predicts others best is their mean, not the one that fits one fold best.
    @Test func theSmallestMeanIsChosen() {
        let values = [1.0, 1, 1, 1, 9, 9]
        let folds = kFolds(count: values.count, folds: 3)
        var calls = 0
        let selection = selectModel(among: [1.0, 3, 9], over: folds) { candidate, fold in
            calls += 1
            return fold.validation.reduce(0) { $0 + (values[$1] - candidate) * (values[$1] - candidate) } / 2
        }
        #expect(calls == 9)
        #expect(selection.errors == [[0, 0, 64], [4, 4, 36], [64, 64, 0]])
        let sums: [Double] = [64, 44, 128]
        #expect(selection.means == sums.map { $0 / 3 })
        #expect(selection.bestIndex == 1 && selection.best == 3)
        // The first of equals; what is not a number never.
        let tie = selectModel(among: ["a", "b", "c"], over: folds) { name, _ in name == "a" ? .nan : 2 }
        #expect(tie.best == "b")
        let broken = selectModel(among: ["a", "b"], over: folds) { _, _ in .nan }
        #expect(broken.best == "a")
    }

    @Test func faultsPassThrough() throws {
        struct Fault: Error {}
        #expect(throws: Fault.self) {
            try selectModel(among: [1], over: kFolds(count: 4, folds: 2)) { _, _ in throw Fault() }
        }
        // Folds divide data sets and tables alike.
        let table = Table([.init("x", .numbers([0, 1, 2, 3]))])
        let fold = kFolds(count: 4, folds: 2)[1]
        #expect(table.rows(at: fold.training).columns[0].values == .numbers([0, 1]))
        #expect(
            try Subset(TensorDataset(table.tensor()), fold.validation).batch(at: [0, 1]).array(of: Float.self) == [
                2, 3,
            ])
    }
}
