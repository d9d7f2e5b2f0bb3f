module.exports = {
  testEnvironment: 'jsdom',
  setupFiles: ['<rootDir>/tests/setup.js'],
  testMatch: ['<rootDir>/tests/**/*.spec.{ts,tsx}'],
  transform: {
    '^.+\\.(tsx?|js)$': [
      'ts-jest',
      {
        // declared types are checked by `types:check`; here only the runs count
        diagnostics: false,
        tsconfig: 'tsconfig.jest.json'
      }
    ]
  },
  // JupyterLab's packages are ES modules, which jest runs only when transformed
  transformIgnorePatterns: [
    '/node_modules/(?!@jupyterlab/|@jupyter/|lib0/|yjs/)'
  ]
};
