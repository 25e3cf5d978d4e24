import Yuyan

/// Fits a line with nothing but what `import Yuyan` gives, as a package that depends on Yuyan does.
@main
struct Consumer {
    static func main() {
        // y = 2 x - 3, at 64 places.
        let places = (0..<64).map { Float($0) / 32 - 1 }
        let inputs = Tensor(places).reshaped([64, 1])
        let targets = inputs * 2 - 3

        // Names that Yuyan uses inside for other things, too, are the layer's and the module part's here.
        let line = Sequential(Reshape([-1, 1]), Linear(inputSize: 1, outputSize: 1))
        let stepCount = Buffer(.zeros([]))
        let optimizer = SGD(line.parameters(), learningRate: 0.3)
        var last = Double.infinity
        for step in 0..<100 {
            let loss = meanSquaredError(line(inputs), targets)
            optimizer.zeroGradients()
            loss.backward()
            optimizer.step()
            stepCount.value += 1
            last = loss.item()
            if step % 20 == 0 { print("step \(step), loss \(last)") }
        }
        precondition(stepCount.value.item() == 100)
        print("final loss: \(last)")
    }
}
