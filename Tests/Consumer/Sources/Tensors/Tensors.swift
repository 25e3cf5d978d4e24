import YuyanCore
import YuyanNN

/// Fits a line with tensors and layers alone: Scripts/test-consumer.sh looks at what is linked into this program.
@main
struct Tensors {
    static func main() {
        manualSeed(1)
        // y = 2 x - 3, at 64 places.
        let inputs = Tensor.linspace(-1, 1, count: 64).reshaped([64, 1])
        let targets = inputs * 2 - 3

        let line = Linear(inputSize: 1, outputSize: 1)
        let optimizer = SGD(line.parameters(), learningRate: 0.3)
        for _ in 0..<100 {
            let loss = meanSquaredError(line(inputs), targets)
            optimizer.zeroGradients()
            loss.backward()
            optimizer.step()
        }
        let loss: Double = withoutGradients { meanSquaredError(line(inputs), targets).item() }
        print("final loss: \(loss)")
    }
}
