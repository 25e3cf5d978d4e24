import Testing
import YuyanCore
import YuyanTraining

@Suite struct GroupFairnessTests {
    /// Two groups of five and four, counted by hand.
    private let fairness = GroupFairness(
        labels: [1, 1, 0, 0, 0, 1, 1, 1, 0], predictions: [1, 0, 1, 0, 0, 1, 1, 0, 1],
        groups: ["b", "b", "b", "b", "b", "a", "a", "a", "a"])

    @Test func ratesOfEachGroup() {
        #expect(fairness.groups.map(\.name) == ["a", "b"])
        #expect(fairness.groups.map(\.confusion.counts) == [[[0, 1], [1, 2]], [[2, 1], [1, 1]]])
        #expect(fairness.groups.map(\.accuracy) == [0.5, 0.6])
        #expect(fairness.groups.map(\.selectionRate) == [0.75, 0.4])
        #expect(fairness.groups.map(\.truePositiveRate) == [2.0 / 3, 0.5])
        #expect(fairness.groups.map(\.falsePositiveRate) == [1, 1.0 / 3])
    }

    @Test func gapsBetweenGroups() throws {
        #expect(abs(fairness.accuracyGap - 0.1) < 1e-15)
        #expect(abs(fairness.selectionRateGap - 0.35) < 1e-15)
        #expect(abs(try #require(fairness.truePositiveRateGap) - 1.0 / 6) < 1e-15)
        #expect(abs(try #require(fairness.falsePositiveRateGap) - 2.0 / 3) < 1e-15)
        // The largest and the smallest of three.
        let three = GroupFairness(
            labels: [0, 0, 0, 0, 0, 0], predictions: [1, 1, 0, 1, 0, 0], groups: ["x", "x", "y", "y", "z", "z"])
        #expect(three.groups.map(\.selectionRate) == [1, 0.5, 0])
        #expect(three.selectionRateGap == 1 && three.falsePositiveRateGap == 1)
        // Nobody belongs to class 1.
        #expect(three.truePositiveRateGap == nil && three.groups[0].truePositiveRate == nil)
        let one = GroupFairness(labels: [1, 1], predictions: [1, 0], groups: ["x", "x"])
        #expect(one.truePositiveRateGap == 0 && one.falsePositiveRateGap == nil)
        // One group without the class is enough to leave the gap open.
        let some = GroupFairness(labels: [1, 0], predictions: [1, 0], groups: ["x", "y"])
        #expect(some.truePositiveRateGap == nil && some.falsePositiveRateGap == nil && some.accuracyGap == 0)
    }

    @Test func misuseTraps() async {
        let lengths = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = GroupFairness(labels: [0, 1], predictions: [0, 1], groups: ["x"])
        }
        expectText(lengths, "GroupFairness: 2 labels, 2 predictions and 1 groups")
        let classes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = GroupFairness(labels: [0, 2], predictions: [0, 1], groups: ["x", "x"])
        }
        expectText(classes, "label 2, prediction 1; classes are 0..<2")
    }
}

@Suite struct DecisionCostsTests {
    @Test(arguments: [(1.0, 1.0, 0.5), (1, 9, 0.1), (3, 1, 0.75), (0, 2, 0), (2, 0, 1)])
    func thresholdIsThatOfTheFormula(falsePositive: Double, falseNegative: Double, threshold: Double) {
        #expect(DecisionCosts(falsePositive: falsePositive, falseNegative: falseNegative).threshold == threshold)
    }

    /// On both sides of the threshold the decision for which it stands is the cheaper one, and at it they are equal.
    @Test func thresholdSeparatesTheExpectedCosts() {
        let costs = DecisionCosts(falsePositive: 5, falseNegative: 9, truePositive: -3, trueNegative: 1)
        #expect(costs.threshold == 0.25)  // (5 − 1) / (5 − 1 + 9 + 3)
        #expect(costs.expectedCost(ofClassOne: true, probability: 0.25) == 3)
        #expect(costs.expectedCost(ofClassOne: false, probability: 0.25) == 3)
        for p in stride(from: 0, through: 1, by: 0.125) where p != 0.25 {
            let difference =
                costs.expectedCost(ofClassOne: true, probability: p)
                - costs.expectedCost(ofClassOne: false, probability: p)
            #expect((difference < 0) == (p > costs.threshold))
        }
    }

    @Test func costsOfCountedDecisions() {
        var confusion = ConfusionMatrix(classNames: ["no", "yes"])
        confusion.add(labels: [0, 0, 0, 1, 1, 1, 1, 1], predictions: [0, 0, 1, 0, 1, 1, 1, 1])
        let costs = DecisionCosts(falsePositive: 4, falseNegative: 10, truePositive: -1, trueNegative: 1)
        #expect(costs.meanCost(of: confusion) == 1.5)  // (2 · 1 + 4 + 10 − 4) / 8
        #expect(
            DecisionCosts(falsePositive: 1, falseNegative: 4)
                .meanCost(scores: [0.1, 0.5, 0.9, 0.3], labels: [0, 0, 1, 1], threshold: 0.5) == 1)
    }

    @Test func bestThresholdOfAFewScores() {
        let (scores, labels) = ([0.9, 0.2, 0.6, 0.4, 0.6], [1, 0, 0, 1, 1])
        let equal = DecisionCosts(falsePositive: 1, falseNegative: 1).bestThreshold(scores: scores, labels: labels)
        #expect(equal.threshold == (0.2 + (0.4 - 0.2) / 2) && equal.meanCost == 0.2)
        // False alarms are dear: only the surest.
        let dear = DecisionCosts(falsePositive: 9, falseNegative: 1).bestThreshold(scores: scores, labels: labels)
        #expect(dear.threshold == (0.6 + (0.9 - 0.6) / 2) && dear.meanCost == 0.4)
        // Always, and never.
        let free = DecisionCosts(falsePositive: 0, falseNegative: 1).bestThreshold(scores: scores, labels: labels)
        #expect(free.threshold == -.infinity && free.meanCost == 0)
        let never = DecisionCosts(falsePositive: 1, falseNegative: 0).bestThreshold(
            scores: [1, 3, 2], labels: [0, 0, 1])
        #expect(never.threshold == 3 && never.meanCost == 0)
        // Neighbours whose middle is one of them.
        let (low, high) = (1.0, 1.0.nextUp)
        let close = DecisionCosts(falsePositive: 1, falseNegative: 1).bestThreshold(
            scores: [high, low], labels: [1, 0])
        #expect(close.threshold >= low && close.threshold < high && close.meanCost == 0)
    }

    /// No threshold is better than the one that is found, nor is any cost other than it says.
    @Test(arguments: 0..<20) func bestThresholdIsBest(seed: Int) {
        withSeed(UInt64(seed)) {
            // Few values, so that there are ties.
            let scores = (Tensor.uniform([30]) * 10).floor().array(of: Double.self)
            let labels = Tensor.uniform([30]).array(of: Double.self).map { $0 < 0.4 ? 1 : 0 }
            let costs = DecisionCosts(falsePositive: 2, falseNegative: 3, truePositive: -1)
            let best = costs.bestThreshold(scores: scores, labels: labels)
            #expect(costs.meanCost(scores: scores, labels: labels, threshold: best.threshold) == best.meanCost)
            for threshold in stride(from: -0.5, through: 9.5, by: 0.5) {
                #expect(costs.meanCost(scores: scores, labels: labels, threshold: threshold) >= best.meanCost)
            }
        }
    }

    @Test func misuseTraps() async {
        let costs = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DecisionCosts(falsePositive: 1, falseNegative: 1, truePositive: 2)
        }
        expectText(costs, "DecisionCosts: a wrong decision must cost more than the right one", "true positive 2.0")
        let scores = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DecisionCosts(falsePositive: 1, falseNegative: 1).bestThreshold(scores: [.nan], labels: [1])
        }
        expectText(scores, "DecisionCosts: a score is nan")
        let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DecisionCosts(falsePositive: 1, falseNegative: 1).bestThreshold(scores: [1, 2], labels: [1])
        }
        expectText(labels, "DecisionCosts: 2 scores and 1 labels")
    }
}

private func expectText(
    _ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for part in parts { #expect(text.contains(part), "\(part) in: \(text)", sourceLocation: sourceLocation) }
}
