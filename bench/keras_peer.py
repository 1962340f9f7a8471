"""Keras' side of the comparison: the posts' models as a Keras user writes them, trained by fit() and
scored by predict() and a sum in numpy.
usage: python bench/keras_peer.py train|score sheep|digits|binary BATCH [STEPS]
`train` prints the median and the fastest of five passes over STEPS batches; `score` of five passes
over 1,024 drawings."""
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

verb, name, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 30


def chain(x, *parts):
    for part in parts:
        x = part(x)
    return x


def hidden(units, normed=True):
    dense = [L.Dense(units, activation="relu")]
    return dense + [L.Dropout(0.1), L.BatchNormalization()] if normed else dense


def conv(filters, k, stride=1, activation="relu", transposed=False):
    kind = L.Conv2DTranspose if transposed else L.Conv2D
    return kind(filters, k, strides=stride, padding="same", activation=activation)


ENCODERS = {
    "sheep": lambda: [conv(f, 4) for f in (10, 20, 40, 80)] + [L.Flatten()] + hidden(100) + hidden(50)
    + hidden(25, False),
    "digits": lambda: [conv(32, 3), conv(64, 3, 2), conv(64, 3), conv(64, 3), L.Flatten()]
    + hidden(32, False),
    "binary": lambda: [L.Flatten(), L.Dense(500, activation="tanh")],
}
DECODERS = {
    "sheep": lambda: hidden(25) + hidden(50, False) + hidden(100, False) + hidden(62720, False)
    + [L.Reshape((28, 28, 80))] + [conv(f, 4, transposed=True) for f in (80, 40, 20)]
    + [conv(10, 4, 2, transposed=True), conv(1, 4, 2, "sigmoid")],
    "digits": lambda: hidden(14 * 14 * 64, False)
    + [L.Reshape((14, 14, 64)), conv(32, 3, 2, transposed=True), conv(1, 2, 1, "sigmoid")],
    "binary": lambda: [L.Dense(500, activation="tanh"), L.Dense(784, activation="sigmoid"),
                       L.Reshape((28, 28, 1))],
}
LATENT = {"sheep": 2, "digits": 4, "binary": 5}[name]


class Vae(keras.Model):
    def __init__(self):
        super().__init__()
        image, z = keras.Input((28, 28, 1)), keras.Input((LATENT,))
        code = chain(image, *ENCODERS[name]())
        self.encoder = keras.Model(image, [L.Dense(LATENT)(code), L.Dense(LATENT)(code)])
        self.decoder = keras.Model(z, chain(z, *DECODERS[name]()))
        self.kl_weight = tf.Variable(1.0, trainable=False)

    def call(self, x):
        return self.decoder(self.encoder(x)[0])

    def loss_of(self, x):
        mean, log_var = self.encoder(x, training=True)
        y = self.decoder(mean + tf.exp(log_var) * tf.random.normal(tf.shape(mean)), training=True)
        if name == "binary":
            likelihood = tf.reduce_sum(keras.losses.binary_crossentropy(x, y), (1, 2)) * 28
            kl = tf.reduce_sum(tf.exp(2 * log_var) + mean**2 - 1 - 2 * log_var, 1) / 2
            l2 = tf.add_n([tf.reduce_sum(w**2) for w in self.decoder.trainable_variables])
            return tf.reduce_mean(likelihood + kl) + 0.01 * l2
        kl = 0.5 * tf.reduce_mean(tf.exp(log_var) + mean**2 - 1 - log_var)
        if name == "digits":
            return tf.reduce_mean(keras.losses.binary_crossentropy(x, y)) + 1e-3 * kl
        return 2 * 784 * tf.reduce_mean((x - y) ** 2) + self.kl_weight * kl

    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss = self.loss_of(x)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}


model = Vae()
model.build((None, 28, 28, 1))
model.compile(optimizer=keras.optimizers.Adam(1e-3) if name == "binary"
              else keras.optimizers.RMSprop(1e-3, rho=0.9, epsilon=1e-7))
x = np.random.rand(1024 if verb == "score" else batch * steps, 28, 28, 1).astype("f4")
x = np.round(x) if name == "binary" else x


def one_pass():
    if verb == "train":
        model.fit(x, batch_size=batch, verbose=0, shuffle=name != "binary")
    else:
        y = model.decoder.predict(model.encoder.predict(x, batch_size=batch, verbose=0)[0],
                                  batch_size=batch, verbose=0)
        ((x - y) ** 2).sum((1, 2, 3))


seconds = []
for i in range(6):
    began = time.time()
    one_pass()
    if i:
        seconds.append(time.time() - began)
seconds.sort()
title = f"keras {keras.__version__} {verb} {name} batch {batch}"
if verb == "train":
    print(f"{title}: median {seconds[2] / steps * 1e3:.3f} fastest {seconds[0] / steps * 1e3:.3f} ms/step")
else:
    print(f"{title}: median {seconds[2]:.3f} fastest {seconds[0]:.3f} s")
