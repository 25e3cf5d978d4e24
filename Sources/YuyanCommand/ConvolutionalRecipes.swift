import Yuyan

/// The convolutional networks of d2l chapter 7 with the book's settings: Xavier's weights, and images of the size that the
/// networks were made for.
extension Recipe {
    static let convolutionalNetworks = [
        convolutional(
            "alexnet", "AlexNet with one hidden layer, on Fashion-MNIST",
            {
                makeAlexNet(
                    inputChannels: $0.channels, imageSize: $0.imageSize, classCount: $0.classCount,
                    widthRatio: $0.widthRatio)
            }, imageSize: 224, minimum: 67, batchSize: 128, learningRate: 0.01),
        convolutional(
            "vgg11", "VGG-11, blocks of convolutions, on Fashion-MNIST",
            {
                makeVGG11(
                    inputChannels: $0.channels, imageSize: $0.imageSize, classCount: $0.classCount,
                    widthRatio: $0.widthRatio, hiddenUnits: max(1, 4096 / $0.widthRatio))
            }, imageSize: 224, minimum: 32, batchSize: 128, learningRate: 0.05),
        convolutional(
            "nin", "NiN, without fully connected layers, on Fashion-MNIST",
            { makeNiN(inputChannels: $0.channels, classCount: $0.classCount, widthRatio: $0.widthRatio) },
            imageSize: 224, minimum: 67, batchSize: 128, learningRate: 0.1),
        convolutional(
            "googlenet", "GoogLeNet, blocks of parallel branches, on Fashion-MNIST",
            { makeGoogLeNet(inputChannels: $0.channels, classCount: $0.classCount, widthRatio: $0.widthRatio) },
            imageSize: 96, batchSize: 128, learningRate: 0.1),
        convolutional(
            "lenet-batchnorm", "LeNet with batch normalization, on Fashion-MNIST",
            {
                makeBatchNormLeNet(
                    inputChannels: $0.channels, imageSize: $0.imageSize, classCount: $0.classCount,
                    widthRatio: $0.widthRatio)
            }, imageSize: FashionMNIST.side, minimum: 16, batchSize: 256, learningRate: 1),
        convolutional(
            "resnet18", "ResNet-18, residual blocks, on Fashion-MNIST",
            { makeResNet18(inputChannels: $0.channels, classCount: $0.classCount, widthRatio: $0.widthRatio) },
            imageSize: 96, batchSize: 256, learningRate: 0.05),
        convolutional(
            "densenet", "DenseNet, blocks of concatenated layers, on Fashion-MNIST",
            { makeDenseNet(inputChannels: $0.channels, classCount: $0.classCount, widthRatio: $0.widthRatio) },
            imageSize: 96, minimum: 29, batchSize: 256, learningRate: 0.1),
    ]

    private static func convolutional(
        _ name: String, _ summary: String, _ makeModel: @escaping @Sendable (NetworkForm) -> Sequential,
        imageSize: Int, minimum: Int = 1, batchSize: Int, learningRate: Double
    ) -> Recipe {
        var recipe = fashionMNIST(
            name, summary, makeModel, minimumImageSize: minimum, weights: .xavierUniform(), learningRate: learningRate
        ).resized(to: imageSize).narrowed(by: 1)
        recipe.batchSize = batchSize
        return recipe
    }
}
