import Testing
import Yuyan

@Suite struct ScheduleTests {
    private func factors(_ schedule: any LearningRateSchedule, _ count: Int) -> [Double] {
        (0..<count).map { schedule.factor(at: $0) }
    }

    private func expectEqual(_ values: [Double], _ expected: [Double]) {
        #expect(values.count == expected.count)
        for (value, expected) in zip(values, expected) { #expect(abs(value - expected) < 1e-12, "\(values)") }
    }

    @Test func constant() {
        #expect(factors(ConstantSchedule(), 3) == [1, 1, 1])
        #expect(factors(ConstantSchedule(0.5), 2) == [0.5, 0.5])
    }

    @Test func steps() {
        expectEqual(factors(StepSchedule(interval: 2, decay: 0.5), 6), [1, 1, 0.5, 0.5, 0.25, 0.25])
        expectEqual(factors(MultiStepSchedule(milestones: [1, 4], decay: 0.1), 6), [1, 0.1, 0.1, 0.1, 0.01, 0.01])
        expectEqual(factors(ExponentialSchedule(decay: 0.9), 3), [1, 0.9, 0.81])
    }

    /// The book's cosine schedule: from 0.3 to 0.01 over 20 steps, after a rise of 5 steps.
    @Test func cosineWithWarmUp() {
        let schedule = CosineSchedule(stepCount: 20, warmUpStepCount: 5, finalFactor: 0.01 / 0.3)
        let rates = factors(schedule, 25).map { 0.3 * $0 }
        expectEqual(Array(rates[..<6]), [0, 0.06, 0.12, 0.18, 0.24, 0.3])
        // 0.01 + 0.29 (1 + cos(π/3)) / 2 after a third of the 15 steps that remain.
        expectEqual([rates[10]], [0.2275])
        expectEqual(Array(rates[20...]), [0.01, 0.01, 0.01, 0.01, 0.01])
        expectEqual(
            factors(CosineSchedule(stepCount: 4), 5), [1, 0.853_553_390_593_273_8, 0.5, 0.146_446_609_406_726_2, 0])
        #expect(CosineSchedule(stepCount: 4, warmUpStepCount: 2, initialFactor: 0.5).factor(at: 1) == 0.75)
    }

    @Test func theFactorLengthensTheStepsOfAllGroups() {
        let a = Parameter([0.0])
        let b = Parameter([0.0])
        let optimizer = SGD(groups: [ParameterGroup([a]), ParameterGroup([b], learningRate: 1)], learningRate: 0.5)
        optimizer.learningRateFactor = 0.25
        #expect(optimizer.currentLearningRate == 0.125)
        (a + b).sum().backward()
        optimizer.step()
        expectClose(a.value, [-0.125], 1e-7)
        expectClose(b.value, [-0.25], 1e-7)
    }
}

@Suite struct GradientClippingTests {
    private func parameters(_ gradients: [[Float]?]) -> [Parameter] {
        gradients.map { gradient in
            let parameter = Parameter(.zeros([gradient?.count ?? 1]))
            parameter.gradient = gradient.map { Tensor($0) }
            return parameter
        }
    }

    @Test func shortensAllGradientsTogether() {
        let parameters = parameters([[3, 0], nil, [0, 4]])
        let norm = clipGradients(of: parameters, maximumNorm: 1)
        #expect(norm.item() == 5)
        expectClose(parameters[0].gradient!, [0.6, 0], 1e-7)
        expectClose(parameters[2].gradient!, [0, 0.8], 1e-7)
        #expect(parameters[1].gradient == nil)
    }

    /// To the bit, so that clipping does not disturb a training that never needs it.
    @Test func leavesShortGradientsAlone() {
        let parameters = parameters([[0.1, -0.7], [0.3]])
        clipGradients(of: parameters, maximumNorm: 10)
        #expect(parameters[0].gradient!.array(of: Float.self) == [0.1, -0.7])
        #expect(parameters[1].gradient!.array(of: Float.self) == [0.3])
        let zero = self.parameters([[0, 0]])
        #expect(clipGradients(of: zero, maximumNorm: 1).item() == 0)
        // Squares would overflow, or vanish.
        for scale in [1e20, 1e-30] as [Float] {
            let parameters = self.parameters([[3 * scale], [0, -4 * scale]])
            let norm = clipGradients(of: parameters, maximumNorm: Double(scale))
            #expect(abs(norm.item() / Double(scale) - 5) < 1e-5)
            expectClose(parameters[0].gradient! / scale, Tensor([0.6] as [Float]), 1e-5)
            expectClose(parameters[1].gradient! / scale, Tensor([0, -0.8] as [Float]), 1e-5)
        }
        #expect(zero[0].gradient!.array(of: Float.self) == [0, 0])
        #expect(clipGradients(of: self.parameters([nil]), maximumNorm: 1).item() == 0)
    }

    @Test func limitsEachElement() {
        let parameters = parameters([[3, -0.5], nil, [-4]])
        clipGradients(of: parameters, maximumValue: 1)
        #expect(parameters[0].gradient!.array(of: Float.self) == [1, -0.5])
        #expect(parameters[2].gradient!.array(of: Float.self) == [-1])
    }
}
